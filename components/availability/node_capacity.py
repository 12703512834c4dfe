"""Whether pods find a place: one of them on a node at all, and all of them on an embedded cluster or at an edge site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from ..settings import BackendSettings
from ..settings.conflict import Conflict
from ..settings.quantity import amount
from . import pod_resources, timing
from .facts import ClusterFacts, Room


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """What fits nowhere. On a cluster that is not ours alone, only a single pod is judged; at an edge site, all."""
    if cluster.room is None:
        return
    room, requests, resources = cluster.room, backend.resources.requests, backend.resources
    pod = {name: pod_resources.of_pod(backend, name) for name in ("cpu", "memory", pod_resources.STORAGE)}
    for name, key, given, wanted, there, fixed in (
        ("cpu", "resources.requests.cpu", requests.cpu, amount(requests.cpu), room.cpu, 0),
        ("memory", "resources.requests.memory", requests.memory, amount(requests.memory), room.memory, 0),
        # A pod's logs are written there too, and nobody can make those smaller.
        (
            pod_resources.STORAGE,
            "resources.tmpSizeLimit",
            resources.tmp_size_limit,
            amount(resources.tmp_size_limit),
            room.storage - timing.LOG_BYTES,
            timing.LOG_BYTES,
        ),
    ):
        if wanted > there:
            yield Conflict(
                key, given, f"fits on no node: the largest has {_plain(there)} for pods: lower it, or use larger nodes"
            )
        elif pod[name] > there + fixed:
            yield Conflict(
                "podTemplate.spec",
                f"{_plain(pod[name])} of {name}",
                "is what a pod asks for with what is added, "
                f"and fits on no node: the largest has {_plain(there + fixed)}: lower the requests of containers, "
                "or use larger nodes",
                (key, "resources.requests"),
            )
    fits = _fits(room, pod)
    if cluster.ours_alone and cluster.nodes and fits:
        yield from _all_pods(backend, cluster, cluster.nodes, fits)
    elif backend.edge and fits:
        yield from _at_site(backend, cluster, pod)


def _fits(room: Room, pod: Mapping[str, Decimal]) -> int:
    """How many of the pods a node holds where nothing else runs on it."""
    return min(
        room.pods,
        int(room.cpu // pod["cpu"]),
        int(room.memory // pod["memory"]),
        int(room.storage // pod[pod_resources.STORAGE]),
    )


def _at_site(backend: BackendSettings, cluster: ClusterFacts, pod: Mapping[str, Decimal]) -> Iterator[Conflict]:
    """No node is added to a site by itself: a rollout whose pod more finds no room there would never end."""
    rooms = [node.room for node in cluster.inventory if node.room]
    pods, holds = backend.max_replicas + timing.surge(backend.max_replicas), sum(_fits(room, pod) for room in rooms)
    if rooms and len(rooms) == len(cluster.inventory) and pods > holds:
        yield Conflict(
            "autoscaling.maxReplicas" if backend.autoscaling.enabled else "replicas",
            backend.max_replicas,
            f"needs room for {pods} pods, a rollout included, and the site's nodes ({len(rooms)}) hold {holds} "
            "where nothing else runs on them: lower it, or resources.requests",
            ("resources.requests", "resources.tmpSizeLimit", "podTemplate", "edge", "autoscaling.enabled"),
        )


def _all_pods(backend: BackendSettings, cluster: ClusterFacts, nodes: int, fits: int) -> Iterator[Conflict]:
    """With what is to be survived lost the least number must still find a place, and without a loss the largest."""
    kept = {"pod": nodes, "node": nodes - 1, "zone": nodes - nodes // max(len(cluster.zones), 1)}[backend.survive]
    largest = backend.max_replicas + timing.surge(backend.max_replicas)
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
    for pods, name, given, there, what in (
        (backend.replicas, "replicas", backend.replicas, kept, " on what is left"),
        (largest, key, backend.max_replicas, nodes, ", a rollout included"),
    ):
        if there and pods > fits * there:
            yield Conflict(
                name,
                given,
                f"needs room for {pods} pods{what}, and {there} nodes hold {fits * there}: lower it, "
                "or raise cluster.nodesPerZone",
                others,
            )
            return


def _plain(number: Decimal) -> str:
    return f"{number:f}" if number < 1024 else f"{int(number) // 2**20}Mi"
