"""The rules across settings: what cannot hold is refused, each time with the one change that would make it hold.

A rule that needs to know something of the cluster says nothing while that is unknown; it is asked again once it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..settings import BackendSettings, ClusterSettings
from ..settings.conflict import Conflict
from ..settings.pod_template import reader
from ..settings.quantity import amount
from . import capacity, features, node_capacity, scheduling
from .facts import ClusterFacts, stated

_Rule = Callable[[BackendSettings, ClusterFacts], Iterator[Conflict]]
# Tags that are moved by convention. Two pods of one release could run different programs.
_MOVED_TAGS = {"latest", "stable", "main", "master", "develop", "dev", "edge", "nightly", "head", "canary", "current"}


def conflicts(backend: BackendSettings, cluster: ClusterFacts, *, production: bool = False) -> list[Conflict]:
    """Every rule that is broken; keys are relative to the backend. ``production`` asks for an image that cannot change."""
    chosen = list(scheduling.conflicts(backend, cluster))
    # What follows from a choice of nodes that is refused is not told as well.
    left = cluster if chosen else scheduling.reached(backend, cluster)
    found = [*_enough_domains(backend, cluster), *chosen]
    found += [conflict for rule in _RULES for conflict in rule(backend, left)]
    return [*_images(backend, production), *found]


def of_stack(backend: BackendSettings, cluster: ClusterSettings | None, protect: bool) -> list[Conflict]:
    """Every rule that the settings of a stack break by what they say themselves."""
    return conflicts(backend, stated(cluster), production=protect)


def _images(backend: BackendSettings, production: bool) -> Iterator[Conflict]:
    for key, image in backend.images.items():
        yield from _image(key, image, production, edge=backend.edge is not None)


def _image(key: str, image: str, production: bool, *, edge: bool) -> Iterator[Conflict]:
    if "@sha256:" in image:
        return
    if ":" not in image.rpartition("/")[2]:
        yield Conflict(
            key,
            image,
            "has no tag, which is latest, and that is moved from one build to the next: name the "
            "version's own tag, or its digest (NAME:TAG@sha256:...)",
        )
    elif image.rpartition(":")[2].lower() in _MOVED_TAGS:
        yield Conflict(
            key,
            image,
            "has a tag that is moved from one build to the next: name the version's own "
            "tag, or its digest (NAME:TAG@sha256:...)",
        )
    elif production:
        yield Conflict(
            key,
            image,
            "must be pinned by its digest (NAME:TAG@sha256:...) where protect is true: a "
            "tag can be moved, and a pod that starts later would run something else",
            ("protect",),
        )
    elif edge:
        yield Conflict(
            key,
            image,
            "must be pinned by its digest (NAME:TAG@sha256:...) with edge: a node keeps what it has "
            "pulled under a tag, so pods of one release could run different programs",
            ("edge",),
        )


def _enough_pods(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.replicas < 2:
        yield Conflict(
            "replicas",
            backend.replicas,
            f"leaves no pod when one is lost, so survive: {backend.survive} cannot "
            f"hold: raise it to {_least_pods(backend, cluster)}",
            ("survive",),
        )
        return
    given, taken = backend.disruption_budget.max_unavailable, capacity.lost(backend.survive, backend.replicas, cluster)
    if given >= backend.replicas:
        yield Conflict(
            "disruptionBudget.maxUnavailable",
            given,
            "lets a drain take every pod when the autoscaler is at its "
            f"least (replicas: {backend.replicas}): lower it to {taken if taken < backend.replicas else 1}",
            ("replicas", "survive"),
        )
    elif given > taken:
        yield Conflict(
            "disruptionBudget.maxUnavailable",
            given,
            f"lets a drain take more pods than the loss of a {backend.survive} does: lower it to {taken}",
            ("replicas", "survive"),
        )


def _least_pods(backend: BackendSettings, cluster: ClusterFacts) -> int:
    """The smallest number with which the rest can carry the load of what is lost, at the targets there are; else 2."""
    for pods in range(2, backend.max_replicas if backend.autoscaling.enabled else 3):
        if not any(_load_after_a_loss(backend.model_copy(update={"replicas": pods}), cluster)):
            return pods
    return 2


def _enough_domains(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.survive == "zone" and cluster.zones_known and len(cluster.zones) < 2:
        there = f"in one zone, {cluster.zones[0]}" if cluster.zones else "without a zone label"
        holds = "pod" if cluster.nodes is not None and cluster.least_nodes < 2 else "node"
        yield Conflict(
            "survive",
            backend.survive,
            f"cannot hold: the cluster's nodes are {there}: set it to {holds}, or use a "
            "cluster with two zones or more (cluster.zones)",
        )
    elif backend.survive != "pod" and cluster.nodes is not None and cluster.least_nodes < 2:
        yield Conflict(
            "survive",
            backend.survive,
            f"cannot hold: the cluster has {cluster.nodes or 'no'} node that takes "
            "pods: set it to pod, or use a cluster with two nodes or more",
        )


def _claims(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """All pods mount the same claim: one that a single node can mount ties all of them to it."""
    for key, name in reader.claims(backend.pod_template).items():
        modes = None if cluster.claims is None else cluster.claims.get(name, frozenset())
        if modes == frozenset():
            yield Conflict(
                key,
                name,
                f"is not there in namespace {backend.namespace_name}, and pods would stay pending: make "
                "it first, with the access mode ReadWriteMany or ReadOnlyMany",
            )
        elif modes and not modes & {"ReadWriteMany", "ReadOnlyMany"}:
            yield Conflict(
                key,
                name,
                f"can be mounted by one node only ({', '.join(sorted(modes))}), and all pods mount it: "
                "use a claim with ReadWriteMany or ReadOnlyMany, or an ephemeral volume, which each pod has for "
                "itself",
            )


def _hard_spread(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.placement.spread == "hard" and cluster.zones_known and not cluster.zones:
        yield Conflict(
            "placement.spread",
            "hard",
            "would leave every pod pending: the cluster's nodes carry no zone label: "
            "set it to soft, or label them with topology.kubernetes.io/zone",
        )


def _load_after_a_loss(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    scaling = backend.autoscaling
    if not scaling.enabled or backend.replicas < 2:
        return
    for key, what, target, highest in (
        ("cpuPercent", "CPU", scaling.cpu_percent, capacity.highest_cpu_percent(backend, cluster)),
        ("memoryPercent", "memory", scaling.memory_percent, capacity.highest_memory_percent(backend, cluster)),
    ):
        if target is None or highest is None or target <= highest or _contradicts(backend, what.lower()):
            continue
        yield Conflict(
            f"autoscaling.{key}",
            target,
            f"is too high to lose a {backend.survive}: the pods that are left would "
            f"need more {what} than they have: lower it to {highest}",
            (
                "survive",
                "replicas",
                "autoscaling.maxReplicas",
                "autoscaling.enabled",
                "resources.requests",
                "resources.limits",
            ),
        )


def _contradicts(backend: BackendSettings, resource: str) -> bool:
    """Whether a request is above its limit, which is told by itself; nothing can be computed from it."""
    request, limit = (getattr(part, resource) for part in (backend.resources.requests, backend.resources.limits))
    return amount(request) > amount(limit)


_RULES: tuple[_Rule, ...] = (
    _enough_pods,
    _claims,
    _hard_spread,
    _load_after_a_loss,
    node_capacity.conflicts,
    features.conflicts,
)
