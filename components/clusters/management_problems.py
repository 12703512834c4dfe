"""What a management cluster lacks for the settings of a cluster, each with its key and a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import ErrorKind, tagged
from ..errors import clusters as errors
from ..inspection import cluster_api_status
from ..inspection.client import Client
from ..settings.problems import Problem
from .cluster_api import ClusterApiCluster
from .topology import CORE, Blueprint


def missing_objects(client: Client, settings: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[Problem]:
    """Yield what the settings name and the management cluster lacks, as far as the account can see it."""
    if client.exists(f"/api/v1/namespaces/{settings.namespace}") is False:
        yield _problem(
            f"{key}.namespace",
            f"there is no namespace {settings.namespace!r} on the management cluster: create it, or name another",
            errors.MANAGEMENT_OBJECT_MISSING,
        )
    (name,), cloud = settings.cloud_names, settings.cloud
    unknown = sorted(
        {
            f"{template.kind} ({template.api_version})"
            for template in wanted.templates.values()
            if template.kind not in _kinds(client, template.api_version)
        }
    )
    if unknown:
        yield _problem(
            f"{key}.{name}",
            f"the management cluster does not serve {', '.join(unknown)}: install the provider "
            f"(clusterctl init --infrastructure {cloud.provider}), or another version of it",
            errors.INFRASTRUCTURE_PROVIDER_MISSING,
        )
        return  # without the provider, its identities do not exist either
    for required in cloud.required(settings.namespace):
        if client.exists(required.path) is False:
            yield _problem(
                f"{key}.{name}.{required.key}",
                f"there is no {required.title} on the management cluster: create it, or name another",
                errors.MANAGEMENT_OBJECT_MISSING,
            )


def class_problems(client: Client, settings: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[Problem]:
    """Yield what an existing ClusterClass lacks."""
    chosen = settings.cluster_class
    if not chosen:
        return
    namespace = chosen.namespace or settings.namespace
    answer = client.get_if_permitted(f"/apis/{CORE}/namespaces/{namespace}/clusterclasses")
    if answer is None:
        return
    classes = {item["metadata"]["name"]: item["spec"] for item in answer["items"]}
    if chosen.name not in classes:
        yield _problem(
            f"{key}.clusterClass.name",
            f"there is no ClusterClass {chosen.name!r} in namespace {namespace!r}: use one of {_listed(classes)}",
            errors.CLUSTER_CLASS_UNUSABLE,
        )
        return
    workers = {item["class"] for item in (classes[chosen.name].get("workers") or {}).get(wanted.kind) or ()}
    if chosen.workers not in workers:
        yield _problem(
            f"{key}.clusterClass.workers",
            f"{chosen.name!r} has no class {chosen.workers!r} among its {wanted.kind}: use one of {_listed(workers)}",
            errors.CLUSTER_CLASS_UNUSABLE,
        )
    declared = {item["name"] for item in classes[chosen.name].get("variables") or ()}
    for name in sorted(set(chosen.variables) - declared):
        yield _problem(
            f"{key}.clusterClass.variables.{name}",
            f"{chosen.name!r} declares no such variable: use one of {_listed(declared)}",
            errors.CLUSTER_CLASS_UNUSABLE,
        )


def upgrade_problems(settings: ClusterApiCluster, cluster: dict[str, Any] | None, key: str) -> Iterator[Problem]:
    """Yield why the settings cannot take over the existing Cluster: it has another owner, or its version forbids it."""
    if cluster is None:
        return
    topology = (cluster.get("spec") or {}).get("topology")
    if not topology:
        yield _problem(
            f"{key}.name",
            f"there is a Cluster {settings.name!r} in namespace {settings.namespace!r} that has no topology, so "
            "something else created it: choose another name",
            errors.FOREIGN_CLUSTER,
        )
        return
    running = str(topology["version"]).removeprefix("v")
    now, wanted = (
        tuple(int(part) for part in version.partition("-")[0].split(".")) for version in (running, settings.version)
    )
    if wanted < now:
        yield _problem(
            f"{key}.version",
            f"{settings.version!r} is older than the running version, {running}, and Kubernetes cannot be downgraded: "
            f"leave it at {running!r}, or create another cluster",
            errors.VERSION_CHANGE_FORBIDDEN,
        )
    elif wanted[1] > now[1] + 1:
        yield _problem(
            f"{key}.version",
            f"{settings.version!r} is more than one minor version above the running version, {running}: upgrade to "
            f"1.{now[1] + 1} first",
            errors.VERSION_CHANGE_FORBIDDEN,
        )


def zone_problems(settings: ClusterApiCluster, cluster: dict[str, Any] | None, key: str) -> Iterator[Problem]:
    """Yield the zones that existing infrastructure lacks. Azure reports its zones by number, as the settings do."""
    reported = cluster_api_status.failure_domains(cluster or {})
    for number, zone in enumerate(settings.zones):
        if reported and zone not in reported:
            yield _problem(
                f"{key}.zones[{number}]",
                f"{zone!r} is not a failure domain that the cluster reports: use {', '.join(reported)}",
                errors.UNKNOWN_ZONE,
            )


def _kinds(client: Client, version: str) -> set[str]:
    return {item["kind"] for item in (client.get_if_permitted(f"/apis/{version}") or {}).get("resources") or ()}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _problem(key: str, text: str, kind: ErrorKind) -> Problem:
    return Problem(key, tagged(text, kind))
