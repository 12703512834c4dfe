"""Wait for a cluster that Cluster API manages to become ready, and report what its deletion waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import tagged
from ..errors.verification import CLUSTER_NOT_READY
from .access import ClusterAccess
from .client import Client, InspectionError
from .cluster_api_status import (
    cluster_access,
    conditions,
    describe,
    get_cluster,
    machine_counts,
    title,
    unready_pools,
    unready_reasons,
)

_PAUSE_SECONDS = 2.0
_PROGRESS_SECONDS = 30.0  # between two lines of progress
# At the end, for an answer that names the reason: a management cluster that creates much at once is slow to respond.
_GRACE_SECONDS = 60.0
_MAX_LINES = 8
_OWNED_BY_ALL = tuple(
    f"cluster.x-k8s.io/v1beta2/{plural}" for plural in ("machinedeployments", "machinepools", "machines")
)


class Managed(NamedTuple):
    """A cluster on its management cluster, and what its cloud adds to it, as ``group/version/plural``."""

    name: str
    namespace: str
    resources: tuple[str, ...] = ()


class ClusterNotReadyError(Exception):
    """The cluster did not become ready. The text lists every condition that explains why."""


def readiness_steps(
    client: Client, managed: Managed, seconds: float, log: Callable[[str], None]
) -> Iterator[float | ClusterAccess]:
    """Yield the seconds to wait before the next step, and at last how to reach the cluster.

    Raises ClusterNotReadyError if it is not ready after ``seconds``, with the conditions of everything it owns.
    """
    name, namespace = managed.name, managed.namespace
    began = reported = time.monotonic()
    while True:
        try:
            cluster = get_cluster(client, name, namespace)
            reasons = (
                [*unready_reasons(cluster), *unready_pools(client, cluster)]
                if cluster
                else [f"Cluster {name} does not exist"]
            )
            access = cluster_access(client, cluster) if cluster and not reasons else None
            if access:
                log(f"cluster {name}: ready after {time.monotonic() - began:.0f} s; {machine_counts(cluster or {})}")
                yield access
                return
            reasons = reasons or [f"Cluster {name} has no Secret {name}-kubeconfig that this account may read"]
            if time.monotonic() - began > seconds:
                raise ClusterNotReadyError(
                    "\n".join(
                        [
                            f"The cluster {name} in namespace {namespace} is not ready after {seconds:.0f} s:",
                            *(f"  {line}" for line in [*reasons, *failing_conditions(client, managed)]),
                            tagged(
                                "Fix the conditions, then run `pulumi up` again: it continues to wait.",
                                CLUSTER_NOT_READY,
                            ),
                        ]
                    )
                )
        except InspectionError as error:
            reasons = [error.text]
            if time.monotonic() - began > seconds + _GRACE_SECONDS:
                raise ClusterNotReadyError(f"Cannot tell whether the cluster {name} is ready: {error}") from None
        if reported == began or time.monotonic() - reported > _PROGRESS_SECONDS:
            left = max(0.0, seconds - (time.monotonic() - began))
            log(f"cluster {name}: waiting up to {left:.0f} s more: {reasons[0]}")
            reported = time.monotonic()
        yield _PAUSE_SECONDS


def failing_conditions(client: Client, managed: Managed) -> list[str]:
    """Return the conditions of the cluster's own resources that are not met, a few lines at most. Never fails."""
    return _shorten(
        [
            describe(title(resource), condition)
            for resource in _owned_resources(client, managed)
            for condition in conditions(resource)
            if condition["type"] in ("Ready", "Available", "BootstrapConfigReady", "InfrastructureReady")
            and condition["status"] != "True"
        ]
    )


def deletion_blockers(client: Client, managed: Managed) -> list[str]:
    """Return what the deletion of a cluster waits for; empty once it is deleted. Raises InspectionError."""
    cluster = get_cluster(client, managed.name, managed.namespace)
    if cluster is None:
        return []
    return _shorten(
        [
            describe(title(resource), condition)
            for resource in [cluster, *_owned_resources(client, managed)]
            for condition in conditions(resource)
            if condition["type"] == "Deleting" and condition["status"] == "True"
        ]
        or [f"{title(cluster)}: it is not being deleted"]
    )


def _owned_resources(client: Client, managed: Managed) -> Iterator[Mapping[str, Any]]:
    for resource in (*managed.resources, *_OWNED_BY_ALL):
        group, _, plural = resource.rpartition("/")
        try:
            yield from client.list_objects(
                f"/apis/{group}/namespaces/{managed.namespace}/{plural}",
                f"cluster.x-k8s.io/cluster-name={managed.name}",
                required=False,
            )
        except InspectionError:
            continue


def _shorten(lines: list[str]) -> list[str]:
    more = len(lines) - _MAX_LINES
    return [*lines[:_MAX_LINES], *([f"and {more} more"] if more > 0 else [])]
