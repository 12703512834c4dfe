"""What a management cluster has and accepts, before Cluster API creates or changes a cluster from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import ErrorKind, tagged
from ..errors import clusters as errors
from ..inspection import cluster_api_status, cluster_api_wait
from ..inspection.access import ClusterAccess
from ..inspection.client import Client, InspectionError
from ..inspection.kubeconfig import parsed
from ..preflight import (
    CLUSTER_KEY,
    KnownCluster,
    LookUp,
    PreflightError,
    answers,
    not_inspected,
    reduced_file,
    reduced_to_current,
)
from ..settings.problems import Problem
from .cluster_api import ClusterApiCluster
from .management_problems import class_problems, missing_objects, upgrade_problems, zone_problems
from .topology import CORE, Blueprint, blueprint

_GATE = "ClusterTopology"
_TITLE = "The management cluster does not fit the settings; nothing was changed:"


@dataclass(frozen=True)
class ManagementCluster:
    """What a look-up on a management cluster returns.

    ``kubeconfig`` is that of the management cluster, a secret. ``known`` is the cluster itself, None before it is ready
    for the first time. ``class_in_use`` is its current ClusterClass. ``awaited`` is False where nothing is created.
    """

    kubeconfig: str = field(repr=False)
    known: KnownCluster | None = None
    class_in_use: str = ""
    awaited: bool = True


RENDERED = ManagementCluster("rendered", awaited=False)
"""A management cluster that is not contacted."""


def look_up(settings: ClusterApiCluster, options: LookUp) -> ManagementCluster:
    """Look at the management cluster. Raises PreflightError with every problem."""
    key, title = f"{options.key}.management", f"context {settings.management.context!r}"
    management = KnownCluster(_access(settings, key), (), title, "correct the context", key, key)
    answers(management)
    try:
        client = Client(management.access.kubeconfig, settings.management.context)
        cluster, problems = _checked(client, settings, options.key, title)
        if problems:
            raise PreflightError(*problems, title=_TITLE)
        known = _known(client, settings, cluster, options.key) if cluster else None
    except InspectionError as error:
        raise not_inspected(key, title, error) from None
    return ManagementCluster(management.access.kubeconfig, known, cluster_api_status.cluster_class_name(cluster))


def reachable(management: ManagementCluster, warn: Callable[[str], None]) -> KnownCluster | None:
    """Return the cluster, if it exists and answers. If it does not answer, the change may be what repairs it."""
    known = management.known
    if not known or not known.zones:
        return None
    try:
        answers(known)
    except PreflightError as error:
        warn(str(error))
        return None
    return known


def remaining(settings: ClusterApiCluster) -> Iterator[str]:
    """Yield, in lines, what the deletion of the cluster waits for. Never raises."""
    try:
        access = _access(settings, f"{CLUSTER_KEY}.management")
        lines = cluster_api_wait.deletion_blockers(Client(access.kubeconfig, access.context), settings.managed)
    except (PreflightError, InspectionError) as error:
        yield f"Whether the cluster {settings.name} is deleted is unknown: {error}"
        return
    if lines:
        yield f"The cluster {settings.name} in namespace {settings.namespace} of the management cluster still exists:"
        yield from (f"  {line}" for line in lines)
        yield "Run this again once it waits for nothing."


def _access(settings: ClusterApiCluster, key: str) -> ClusterAccess:
    management = settings.management
    kubeconfig = reduced_file(management.kubeconfig, management.context, key)
    return ClusterAccess(kubeconfig, management.context, management.context)


def _checked(
    client: Client, settings: ClusterApiCluster, key: str, title: str
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Return the Cluster object, if it exists, and every problem."""
    if client.get_if_permitted(f"/apis/{CORE}") is None:
        text = (
            f"{title} does not serve {CORE}: install Cluster API v1.11 or later there first "
            f"(CLUSTER_TOPOLOGY=true clusterctl init --infrastructure {settings.cloud.provider}). Nothing was changed"
        )
        raise PreflightError(Problem(f"{key}.management", tagged(text, errors.CLUSTER_API_MISSING)))
    cluster, wanted = cluster_api_status.get_cluster(client, settings.name, settings.namespace), blueprint(settings)
    problems = [
        *missing_objects(client, settings, wanted, key),
        *class_problems(client, settings, wanted, key),
        *upgrade_problems(settings, cluster, key),
        *zone_problems(settings, cluster, key),
    ]
    if not problems and cluster is None:
        problems += _rejected(client, settings, wanted, key)
    return cluster, problems


def _rejected(client: Client, settings: ClusterApiCluster, wanted: Blueprint, key: str) -> Iterator[Problem]:
    """Yield why the API server or Cluster API's webhooks would reject the Cluster, before it exists."""
    class_name = settings.cluster_class.name if settings.cluster_class else settings.name
    answer = client.dry_run_create(
        f"/apis/{CORE}/namespaces/{settings.namespace}/clusters",
        {
            "apiVersion": CORE,
            "kind": "Cluster",
            "metadata": {"name": settings.name, "namespace": settings.namespace},
            "spec": wanted.cluster_spec(class_name),
        },
    )
    if answer and _GATE in answer:
        yield _problem(
            f"{key}.management",
            f"Cluster API accepts no topologies there, because its feature gate {_GATE} is off: enable it "
            "(CLUSTER_TOPOLOGY=true at clusterctl init, or --feature-gates of its manager)",
            errors.FEATURE_GATE_OFF,
        )
    elif answer:
        yield _problem(key, f"the management cluster rejects it: {answer}", errors.CLUSTER_REJECTED)


def _known(client: Client, settings: ClusterApiCluster, cluster: dict[str, Any], key: str) -> KnownCluster | None:
    """Return how to reach the cluster. None until it is ready for the first time."""
    access = cluster_api_status.cluster_access(client, cluster)
    if access is None or any(
        ": ControlPlaneInitialized is" in line for line in cluster_api_status.unready_reasons(cluster)
    ):
        return None
    kubeconfig, context = reduced_to_current(parsed(access.kubeconfig))
    return KnownCluster(
        ClusterAccess(kubeconfig, context, access.identifier),
        settings.node_zones if settings.cloud.has_nodes else (),
        f"cluster {settings.name!r}",
        f"inspect it from the management cluster (clusterctl describe cluster {settings.name})",
        key,
        f"{key}.zones",
    )


def _problem(key: str, text: str, kind: ErrorKind) -> Problem:
    return Problem(key, tagged(text, kind))
