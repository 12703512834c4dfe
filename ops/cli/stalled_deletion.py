"""After `make destroy` has failed: what a cluster that was to be deleted still waits for, which the engine does not know."""

from __future__ import annotations

from collections.abc import Iterator

from components.inspection import workload
from components.inspection.client import Client, InspectionError
from components.preflight import PreflightError, existing
from components.settings import ClusterApiCluster, Settings


def remaining(settings: Settings) -> Iterator[str]:
    """In lines; none where Cluster API made no cluster of the stack, or all are gone. Never fails."""
    for site in settings.sites:
        if isinstance(site.cluster, ClusterApiCluster):
            yield from _of(site.cluster)


def _of(cluster: ClusterApiCluster) -> Iterator[str]:
    try:
        client = Client(existing.access(cluster.management), cluster.management.context)
        lines = workload.lingering(client, cluster.name, cluster.namespace)
    except (PreflightError, InspectionError) as error:
        yield f"Whether the cluster {cluster.name} is gone cannot be said: {error}"
        return
    if lines:
        yield f"The cluster {cluster.name} in namespace {cluster.namespace} of the management cluster is not gone:"
        yield from (f"  {line}" for line in lines)
        yield "Once nothing of it waits any more, run this again."
