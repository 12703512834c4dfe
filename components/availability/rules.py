"""The rules across settings: reject what cannot hold, each time with the one change that makes it hold.

A rule that depends on unknown facts of the cluster yields nothing. It is applied again once they are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import promise as errors
from ..settings import BackendSettings, ClusterSettings
from ..settings.conflict import Conflict
from ..settings.pod_template import reader
from ..settings.quantity import amount
from . import capacity, features, images, node_capacity, scheduling, timing
from .facts import ClusterFacts, facts_from_settings

_Rule = Callable[[BackendSettings, ClusterFacts], Iterator[Conflict]]


def conflicts(backend: BackendSettings, cluster: ClusterFacts, *, production: bool = False) -> list[Conflict]:
    """Return every broken rule; keys are relative to the backend. ``production`` requires images pinned by digest."""
    selection = list(scheduling.conflicts(backend, cluster))
    # If the node selection is rejected, do not also report what follows from it.
    eligible = cluster if selection else scheduling.eligible_facts(backend, cluster)
    return [
        *images.conflicts(backend, production=production),
        *_failure_domains(backend, cluster),
        *selection,
        *(conflict for rule in _RULES for conflict in rule(backend, eligible)),
    ]


def stack_conflicts(backend: BackendSettings, cluster: ClusterSettings | None, protect: bool) -> list[Conflict]:
    """Return every rule that a stack breaks by its own settings, before the cluster is inspected."""
    return conflicts(backend, facts_from_settings(cluster), production=protect)


def _replicas(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.survive == "nothing":
        return
    if backend.replicas < 2:
        yield Conflict(
            "replicas",
            backend.replicas,
            f"leaves no pod when one is lost, so survive: {backend.survive} cannot hold: raise it to "
            f"{_least_replicas(backend, cluster)}, or set survive to nothing",
            ("survive",),
            kind=errors.REPLICAS_TOO_FEW,
        )
        return
    yield from _budget(backend, cluster)


def _budget(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Check the budget at every replica count: a percentage allows more of many pods."""
    budget, others = backend.disruption_budget, ("replicas", "survive", "autoscaling.maxReplicas")
    key, value = "disruptionBudget.maxUnavailable", budget.max_unavailable
    if budget.min_available is not None:
        key, value = "disruptionBudget.minAvailable", budget.min_available
    for pods in range(backend.replicas, backend.max_replicas + 1):
        lost, disruptions = capacity.pods_lost(backend.survive, pods, cluster), backend.evictable(pods)
        most = lost if lost < pods else 1
        remedy = f"lower it to {most}" if budget.min_available is None else f"set maxUnavailable to {most} instead"
        at = "" if pods == backend.replicas else f" with {pods} replicas"
        if disruptions >= pods:
            text = at or f" while the autoscaler is at its minimum (replicas: {pods})"
            yield Conflict(
                key, value, f"lets a drain evict every pod{text}: {remedy}", others, kind=errors.BUDGET_TOO_LARGE
            )
        elif disruptions > lost:
            text = f"lets a drain evict more pods than the loss of a {backend.survive} takes{at}: {remedy}"
            yield Conflict(key, value, text, others, kind=errors.BUDGET_TOO_LARGE)
        elif disruptions < 1:
            text = f"lets a drain evict no pod{at or f' with {pods} replicas'}, so it would block every node upgrade"
            yield Conflict(key, value, f"{text}: set maxUnavailable to 1 instead", others, kind=errors.BUDGET_BLOCKS)
        else:
            continue
        return


def _least_replicas(backend: BackendSettings, cluster: ClusterFacts) -> int:
    """Return the smallest replica count at which the remaining pods carry the load at the current targets; else 2."""
    for pods in range(2, backend.max_replicas if backend.autoscaling.enabled else 3):
        if not any(_utilization(backend.model_copy(update={"replicas": pods}), cluster)):
            return pods
    return 2


def _failure_domains(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.survive == "zone" and cluster.zones_known and len(cluster.zones) < 2:
        where = f"in one zone, {cluster.zones[0]}" if cluster.zones else "without a zone label"
        possible = "pod" if cluster.nodes is not None and cluster.min_nodes < 2 else "node"
        yield Conflict(
            "survive",
            backend.survive,
            f"cannot hold because the cluster's nodes are {where}: set it to {possible}, or use a cluster with at "
            "least two zones (cluster.zones)",
            kind=errors.TOO_FEW_ZONES,
        )
    elif backend.survives_nodes and cluster.nodes is not None and cluster.min_nodes < 2:
        yield Conflict(
            "survive",
            backend.survive,
            f"cannot hold because the cluster has {cluster.nodes or 'no'} node that accepts pods: set it to pod, or "
            "use a cluster with at least two nodes",
            kind=errors.TOO_FEW_NODES,
        )


def _claims(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Check claims, which all pods share: one that a single node can mount ties all pods to that node."""
    for key, name in reader.volume_claims(backend.pod_template).items():
        modes = None if cluster.claims is None else cluster.claims.get(name, frozenset())
        if modes == frozenset():
            yield Conflict(
                key,
                name,
                f"does not exist in namespace {backend.namespace_name}, so pods would stay pending: create it with the "
                "access mode ReadWriteMany or ReadOnlyMany",
                kind=errors.CLAIM_MISSING,
            )
        elif modes and not modes & {"ReadWriteMany", "ReadOnlyMany"}:
            yield Conflict(
                key,
                name,
                f"can be mounted on one node only ({', '.join(sorted(modes))}), and all pods mount it: use a claim "
                "with ReadWriteMany or ReadOnlyMany, or an ephemeral volume, which each pod gets for itself",
                kind=errors.CLAIM_BOUND_TO_ONE_NODE,
            )


def _hard_spread(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if backend.placement.spread == "hard" and cluster.zones_known and not cluster.zones:
        yield Conflict(
            "placement.spread",
            "hard",
            "leaves every pod pending because the cluster's nodes carry no zone label: set it to soft, or label the "
            "nodes with topology.kubernetes.io/zone",
            kind=errors.SPREAD_UNSATISFIABLE,
        )


def _utilization(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Check that the pods that remain after the failure can carry the load at the autoscaler's targets."""
    scaling = backend.autoscaling
    if not scaling.by_metrics or backend.replicas < 2:
        return
    for key, resource, target, highest in (
        ("cpuPercent", "CPU", scaling.cpu_percent, capacity.max_cpu_percent(backend, cluster)),
        ("memoryPercent", "memory", scaling.memory_percent, capacity.max_memory_percent(backend, cluster)),
    ):
        if target is None or highest is None or target <= highest or _request_above_limit(backend, resource.lower()):
            continue
        yield Conflict(
            f"autoscaling.{key}",
            target,
            f"is too high to survive the loss of a {backend.survive}: the remaining pods would need more {resource} "
            f"than they have: lower it to {highest}",
            (
                "survive",
                "replicas",
                "autoscaling.maxReplicas",
                "autoscaling.enabled",
                "resources.requests",
                "resources.limits",
            ),
            kind=errors.UTILIZATION_TOO_HIGH,
        )


def _request_above_limit(backend: BackendSettings, resource: str) -> bool:
    """Return whether a request exceeds its limit: a conflict of its own, from which nothing can be computed."""
    request, limit = (getattr(part, resource) for part in (backend.resources.requests, backend.resources.limits))
    return limit is not None and amount(request) > amount(limit)


def _rollout(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    taken = timing.unavailable(backend, backend.replicas)
    if backend.survive != "nothing" and taken >= backend.replicas > 1:
        yield Conflict(
            "overrides.deployment.spec.strategy.rollingUpdate",
            backend.rolling_update,
            f"lets a rollout end every pod (replicas: {backend.replicas}) before a new one is ready: lower "
            f"maxUnavailable to {backend.replicas - 1} or less",
            ("overrides", "replicas"),
            kind=errors.BUDGET_TOO_LARGE,
        )


_RULES: tuple[_Rule, ...] = (
    _replicas,
    _claims,
    _hard_spread,
    _rollout,
    _utilization,
    node_capacity.conflicts,
    features.conflicts,
)
