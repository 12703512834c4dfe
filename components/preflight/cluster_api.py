"""Before anything is made from a management cluster: that it answers, has what is named, and takes what is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from ..clusters.topology import CORE, Blueprint, blueprint
from ..inspection import workload
from ..inspection.client import Client, InspectionError
from ..inspection.kubeconfig import parsed
from ..settings import ClusterApiCluster
from . import existing
from .existing import KEY
from .management import Managed
from .problems import PreflightError
from .way import Way

_PROVIDERS = {"aws": "aws", "google": "gcp", "azure": "azure", "development": "docker"}
_GATE = "ClusterTopology"


def managed(cluster: ClusterApiCluster, key: str = KEY) -> Managed:
    """Looks at the management cluster. Raises PreflightError with every problem at once."""
    at = f"{key}.management"
    title = f"context {cluster.management.context!r}"
    access = existing.access(cluster.management, at)
    existing.answers(access, at, title, "correct the context")
    try:
        client = Client(access, cluster.management.context)
        if client.look(f"/apis/{CORE}") is None:
            raise PreflightError(
                f"{at}: there is no {CORE} on {title}: Cluster API of v1.11 or later is to be installed there first "
                f"(CLUSTER_TOPOLOGY=true clusterctl init --infrastructure {_PROVIDERS[cluster.cloud]}). Nothing was changed."
            )
        there = workload.seen(client, cluster.name, cluster.namespace)
        problems = [
            *_absent(client, cluster, blueprint(cluster), key),
            *_version(cluster, there, key),
            *_zones(cluster, there, key),
        ]
        if not problems and there is None:
            problems += _refused(client, cluster, blueprint(cluster), key)
        if problems:
            raise PreflightError(
                "\n  ".join(["The management cluster does not fit the settings; nothing was changed:", *problems])
            )
        return Managed(access, _way(client, cluster, there, key) if there else None, in_use=workload.class_name(there))
    except InspectionError as error:
        raise PreflightError(f"{at}: {title}: {error}. Nothing was changed.") from None


def _absent(client: Client, cluster: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[str]:
    """What the settings name and the management cluster does not have. What may not be seen is left to the API server."""
    if client.sees(f"/api/v1/namespaces/{cluster.namespace}") is False:
        yield (
            f"{key}.namespace: there is no namespace {cluster.namespace!r} on the management cluster: make it, or name "
            "another"
        )
    lacking = sorted(
        {
            f"{template.kind} ({template.api_version})"
            for template in wanted.templates.values()
            if template.kind not in _kinds(client, template.api_version)
        }
    )
    if lacking:
        yield (
            f"{key}.{cluster.cloud}: the management cluster does not know {', '.join(lacking)}: install its provider "
            f"(clusterctl init --infrastructure {_PROVIDERS[cluster.cloud]}), or another version of it"
        )
    yield from _class(client, cluster, wanted, key)
    if lacking:
        return  # nor does it know who acts
    space = f"/api/v1/namespaces/{cluster.namespace}/secrets"
    if cluster.aws:
        plural = f"{cluster.aws.identity_kind.lower().removesuffix('y')}ies"
        if client.sees(f"/apis/infrastructure.cluster.x-k8s.io/v1beta2/{plural}/{cluster.aws.identity_name}") is False:
            yield (
                f"{key}.aws.identityName: there is no {cluster.aws.identity_kind} {cluster.aws.identity_name!r} on the "
                "management cluster: make it, or name another"
            )
    for name, group in (("google", cluster.google), ("azure", cluster.azure)):
        if group and group.credentials and client.sees(f"{space}/{group.credentials}") is False:
            yield (
                f"{key}.{name}.credentials: there is no Secret {group.credentials!r} in namespace {cluster.namespace!r} of "
                "the management cluster: make it, or name another"
            )


def _class(client: Client, cluster: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[str]:
    chosen = cluster.cluster_class
    if not chosen:
        return
    space = chosen.namespace or cluster.namespace
    listed = client.look(f"/apis/{CORE}/namespaces/{space}/clusterclasses")
    if listed is None:
        return
    classes = {each["metadata"]["name"]: each["spec"] for each in listed["items"]}
    if chosen.name not in classes:
        yield (
            f"{key}.clusterClass.name: there is no ClusterClass {chosen.name!r} in namespace {space!r}; there: "
            f"{', '.join(sorted(classes)) or 'none'}"
        )
        return
    workers = [each["class"] for each in (classes[chosen.name].get("workers") or {}).get(wanted.kind) or ()]
    if chosen.workers not in workers:
        yield (
            f"{key}.clusterClass.workers: {chosen.name!r} has no class {chosen.workers!r} among its {wanted.kind}; there: "
            f"{', '.join(sorted(workers)) or 'none'}"
        )
    declared = {each["name"] for each in classes[chosen.name].get("variables") or ()}
    for name in sorted(set(chosen.variables) - declared):
        yield (
            f"{key}.clusterClass.variables.{name}: {chosen.name!r} declares no such variable; there: "
            f"{', '.join(sorted(declared)) or 'none'}"
        )


def _version(cluster: ClusterApiCluster, there: dict[str, object] | None, key: str) -> Iterator[str]:
    """An upgrade that Kubernetes forbids."""
    topology = ((there or {}).get("spec") or {}).get("topology")  # type: ignore[attr-defined]
    if there is not None and not topology:
        yield (
            f"{key}.name: there is a Cluster {cluster.name!r} in namespace {cluster.namespace!r} that was made without a "
            "topology, and is somebody else's: choose another name"
        )
    if not topology:
        return
    running = str(topology["version"]).removeprefix("v")
    now, wanted = (
        tuple(int(part) for part in text.partition("-")[0].split(".")) for text in (running, cluster.version)
    )
    if wanted < now:
        yield (
            f"{key}.version: {cluster.version!r} is older than what runs, {running}, and Kubernetes takes no way back: "
            f"leave it at {running!r}, or make another cluster"
        )
    elif wanted[1] > now[1] + 1:
        yield (
            f"{key}.version: {cluster.version!r} is more than one minor version above what runs, {running}: upgrade to "
            f"1.{now[1] + 1} first"
        )


def _zones(cluster: ClusterApiCluster, there: dict[str, object] | None, key: str) -> Iterator[str]:
    """Zones that the infrastructure, once it is there, does not have. Azure's report theirs by number, as the settings do."""
    reported = workload.zones(there or {})
    for number, zone in enumerate(cluster.zones):
        if reported and zone not in reported:
            yield (
                f"{key}.zones[{number}]: {zone!r} is none of the failure domains that the cluster reports: "
                f"{', '.join(reported)}"
            )


def _refused(client: Client, cluster: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[str]:
    """What the API server and Cluster API's own checks say to the Cluster, before there is any of it."""
    chosen = cluster.cluster_class.name if cluster.cluster_class else cluster.name
    said = client.tries(
        f"/apis/{CORE}/namespaces/{cluster.namespace}/clusters",
        {
            "apiVersion": CORE,
            "kind": "Cluster",
            "metadata": {"name": cluster.name, "namespace": cluster.namespace},
            "spec": wanted.cluster_spec(chosen),
        },
    )
    if said and _GATE in said:
        yield (
            f"{key}.management: Cluster API takes no topologies there: its feature gate {_GATE} is off. Set it "
            "(CLUSTER_TOPOLOGY=true at clusterctl init, or --feature-gates of its manager)"
        )
    elif said:
        yield f"{key}: the management cluster does not take it: {said}"


def _kinds(client: Client, version: str) -> set[str]:
    return {each["kind"] for each in (client.look(f"/apis/{version}") or {}).get("resources") or ()}


def _way(client: Client, cluster: ClusterApiCluster, there: dict[str, object], key: str) -> Way | None:
    """None where it is not ready for the first time yet."""
    found = workload.access(client, there)
    if found is None or any(": ControlPlaneInitialized is" in line for line in workload.unready(there)):
        return None
    access, context = existing.current(parsed(found.kubeconfig))
    # In memory there is nobody to ask: what the settings say is all there is.
    return Way(
        access,
        context,
        found.identity,
        () if cluster.development else cluster.node_zones,
        f"cluster {cluster.name!r}",
        f"look at it from the management cluster (clusterctl describe cluster {cluster.name})",
        f"{key}.zones",
        key,
    )
