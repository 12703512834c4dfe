"""Whether pods can be scheduled: one pod on a node, and all pods on an embedded cluster or at an edge site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.conflict import Conflict
from ..settings.quantity import amount
from . import pod_resources, timing
from .facts import Allocatable, ClusterFacts


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Yield what does not fit.

    A single pod is always checked. All pods are checked only on a dedicated cluster or at an edge site.
    """
    if cluster.largest_node is None:
        return
    node, requests, resources = cluster.largest_node, backend.resources.requests, backend.resources
    pod = {name: pod_resources.pod_request(backend, name) for name in ("cpu", "memory", pod_resources.STORAGE)}
    for name, key, value, request, free, fixed in (
        ("cpu", "resources.requests.cpu", requests.cpu, amount(requests.cpu), node.cpu, 0),
        ("memory", "resources.requests.memory", requests.memory, amount(requests.memory), node.memory, 0),
        # A pod's logs use the same storage, and no setting makes them smaller.
        (
            pod_resources.STORAGE,
            "resources.tmpSizeLimit",
            resources.tmp_size_limit,
            amount(resources.tmp_size_limit or "0"),
            node.storage - timing.LOG_BYTES,
            timing.LOG_BYTES,
        ),
    ):
        if value is None:
            continue
        if request > free:
            yield Conflict(
                key,
                value,
                f"fits on no node: the largest has {_format(free)} for pods: lower it, or use larger nodes",
                kind=errors.POD_TOO_LARGE,
            )
        elif pod[name] > free + fixed:
            yield Conflict(
                "podTemplate.spec",
                f"{_format(pod[name])} of {name}",
                "is what a whole pod requests, added containers included, and fits on no node: the largest has "
                f"{_format(free + fixed)}: lower the requests of its containers, or use larger nodes",
                (key, "resources.requests"),
                kind=errors.POD_TOO_LARGE,
            )
    pods_per_node = _pods_per_node(node, pod)
    if cluster.dedicated and cluster.nodes and pods_per_node:
        yield from _whole_cluster(backend, cluster, cluster.nodes, pods_per_node)
    elif backend.edge and pods_per_node:
        yield from _edge_site(backend, cluster, pod)


def _pods_per_node(node: Allocatable, pod: Mapping[str, Decimal]) -> int:
    """Return how many of the pods a node holds if nothing else runs on it."""
    free = {"cpu": node.cpu, "memory": node.memory, pod_resources.STORAGE: node.storage}
    return min(node.pods, *(int(free[name] // request) for name, request in pod.items() if request))


def _edge_site(backend: BackendSettings, cluster: ClusterFacts, pod: Mapping[str, Decimal]) -> Iterator[Conflict]:
    """Check a rollout at a site: no node is added there automatically, so a rollout without capacity never finishes."""
    sizes = [node.allocatable for node in cluster.inventory if node.allocatable]
    pods, held = (
        backend.max_replicas + timing.surge(backend, backend.max_replicas),
        sum(_pods_per_node(size, pod) for size in sizes),
    )
    if sizes and len(sizes) == len(cluster.inventory) and pods > held:
        yield Conflict(
            "autoscaling.maxReplicas" if backend.autoscaling.enabled else "replicas",
            backend.max_replicas,
            f"needs capacity for {pods} pods during a rollout, and the site's nodes ({len(sizes)}) hold {held} if "
            "nothing else runs on them: lower it, or resources.requests",
            ("resources.requests", "resources.tmpSizeLimit", "podTemplate", "edge", "autoscaling.enabled"),
            kind=errors.CAPACITY_TOO_SMALL,
        )


def _whole_cluster(
    backend: BackendSettings, cluster: ClusterFacts, nodes: int, pods_per_node: int
) -> Iterator[Conflict]:
    """Check that `replicas` fit after the failure in `survive`, and that `maxReplicas` fit without a failure."""
    remaining = {
        "nothing": nodes,
        "pod": nodes,
        "node": nodes - 1,
        "zone": nodes - nodes // max(len(cluster.zones), 1),
    }[backend.survive]
    largest = backend.max_replicas + timing.surge(backend, backend.max_replicas)
    others = (
        "resources.requests",
        "resources.tmpSizeLimit",
        "podTemplate",
        "replicas",
        "autoscaling.maxReplicas",
        "autoscaling.enabled",
        "survive",
    )
    key = "autoscaling.maxReplicas" if backend.autoscaling.enabled else "replicas"
    for pods, name, value, available, situation in (
        (backend.replicas, "replicas", backend.replicas, remaining, f"after the loss of a {backend.survive}"),
        (largest, key, backend.max_replicas, nodes, "during a rollout"),
    ):
        if available and pods > pods_per_node * available:
            yield Conflict(
                name,
                value,
                f"needs capacity for {pods} pods {situation}, and {available} nodes hold {pods_per_node * available}: "
                "lower it, or raise cluster.nodesPerZone",
                others,
                kind=errors.CAPACITY_TOO_SMALL,
            )
            return


def _format(number: Decimal) -> str:
    return f"{number:f}" if number < 1024 else f"{int(number) // 2**20}Mi"
