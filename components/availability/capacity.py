"""How many pods one failure takes, and whether the remaining pods can carry the load."""

from __future__ import annotations

import math
from fractions import Fraction

from ..settings import BackendSettings
from ..settings.backend import Survive
from ..settings.quantity import amount
from .facts import ClusterFacts


def domain_count(failure: Survive, pods: int, cluster: ClusterFacts) -> int:
    """Return over how many domains of a kind the pods are spread; 0 if that is unknown."""
    if failure in ("nothing", "pod"):
        return pods
    return min(cluster.min_nodes if failure == "node" else len(cluster.zones), pods)


def pods_lost(failure: Survive, pods: int, cluster: ClusterFacts) -> int:
    """Return how many pods one failure takes at most, evenly spread; all of them if no domain is known."""
    if failure == "nothing":
        return 0
    domains = domain_count(failure, pods, cluster)
    return math.ceil(pods / domains) if domains else pods


def max_cpu_percent(backend: BackendSettings, cluster: ClusterFacts) -> int | None:
    """Return the highest CPU target that survives the failure in `survive`; None if nothing bounds it.

    At `replicas` the remaining pods must carry the whole load within their requests, which are guaranteed. At higher
    replica counts, which do not divide as evenly, the load must fit within their limits: above those they are
    throttled.
    """
    guaranteed, least = _remaining_share(backend, backend.replicas, cluster), _least_remaining_share(backend, cluster)
    if not guaranteed:
        return None
    limit = limit_percent(backend, "cpu")
    return math.floor(100 * guaranteed if limit is None else min(100 * guaranteed, least * limit))


def max_memory_percent(backend: BackendSettings, cluster: ClusterFacts) -> int | None:
    """Return the highest memory target that survives the failure in `survive`; None if nothing bounds it.

    At every replica count the load must fit within the limits of the remaining pods: above those they are killed.
    """
    least = _least_remaining_share(backend, cluster)
    limit = limit_percent(backend, "memory")
    return math.floor(least * limit) if least and limit is not None else None


def can_carry_load(backend: BackendSettings, pods: int, remaining: int) -> bool:
    """Return whether the remaining pods can carry the CPU load of all pods within their limits."""
    target = backend.autoscaling.cpu_percent if backend.autoscaling.by_metrics else None
    limit = limit_percent(backend, "cpu")
    return remaining > 0 and (target is None or limit is None or target * pods <= limit * remaining)


def limit_percent(backend: BackendSettings, resource: str) -> Fraction | None:
    """Return the limit of ``cpu`` or ``memory`` as a percentage of its request; None without a limit."""
    request, limit = (getattr(part, resource) for part in (backend.resources.requests, backend.resources.limits))
    return None if limit is None else 100 * Fraction(amount(limit)) / Fraction(amount(request))


def _least_remaining_share(backend: BackendSettings, cluster: ClusterFacts) -> Fraction:
    """Return the smallest share of pods that the failure leaves at any replica count; 0 if nothing is known."""
    shares = (_remaining_share(backend, pods, cluster) for pods in range(backend.replicas, backend.max_replicas + 1))
    return min(filter(None, shares), default=Fraction(0))


def _remaining_share(backend: BackendSettings, pods: int, cluster: ClusterFacts) -> Fraction:
    """Return the share of the pods that the failure leaves; 0 if it leaves none, or if the domains are unknown."""
    return Fraction(pods - pods_lost(backend.survive, pods, cluster), pods)
