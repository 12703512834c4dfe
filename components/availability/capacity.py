"""How many pods one failure takes, and whether the rest can carry the load."""

from __future__ import annotations

import math
from fractions import Fraction

from ..settings import BackendSettings
from ..settings.backend import Survive
from ..settings.quantity import amount
from .facts import ClusterFacts


def domains_of(failure: Survive, pods: int, cluster: ClusterFacts) -> int:
    """Over how many domains of a kind the pods are spread; 0 where that is not known."""
    if failure == "pod":
        return pods
    return min(cluster.least_nodes if failure == "node" else len(cluster.zones), pods)


def lost(failure: Survive, pods: int, cluster: ClusterFacts) -> int:
    """Pods that one failure takes at the most, evenly spread; all of them where no domain is known."""
    count = domains_of(failure, pods, cluster)
    return math.ceil(pods / count) if count else pods


def highest_cpu_percent(backend: BackendSettings, cluster: ClusterFacts) -> int | None:
    """The highest CPU target under which what `survive` names can be lost; None where nothing bounds it.

    At `replicas` the rest must carry the whole load within their requests, which are guaranteed. With more pods, which do not
    divide as evenly, it must fit within their limits: above those they would be throttled.
    """
    guaranteed, least = _left(backend, backend.replicas, cluster), _least_left(backend, cluster)
    return math.floor(min(100 * guaranteed, least * percent_of_limit(backend, "cpu"))) if guaranteed else None


def highest_memory_percent(backend: BackendSettings, cluster: ClusterFacts) -> int | None:
    """The same for memory: within the limits with any number of pods, since above those they are killed."""
    least = _least_left(backend, cluster)
    return math.floor(least * percent_of_limit(backend, "memory")) if least else None


def carried(backend: BackendSettings, pods: int, left: int) -> bool:
    """Whether so many of the pods can carry the CPU load of all, within their limits."""
    target = backend.autoscaling.cpu_percent if backend.autoscaling.enabled else None
    return left > 0 and (target is None or target * pods <= percent_of_limit(backend, "cpu") * left)


def percent_of_limit(backend: BackendSettings, resource: str) -> Fraction:
    """The limit in percent of the request."""
    request, limit = (getattr(part, resource) for part in (backend.resources.requests, backend.resources.limits))
    return 100 * Fraction(amount(limit)) / Fraction(amount(request))


def _least_left(backend: BackendSettings, cluster: ClusterFacts) -> Fraction:
    """The least part that a failure leaves with any number of pods there may be; 0 where nothing is known."""
    parts = (_left(backend, pods, cluster) for pods in range(backend.replicas, backend.max_replicas + 1))
    return min(filter(None, parts), default=Fraction(0))


def _left(backend: BackendSettings, pods: int, cluster: ClusterFacts) -> Fraction:
    """The part of the pods that a failure leaves; 0 where there is none, or nothing known of the domains."""
    return Fraction(pods - lost(backend.survive, pods, cluster), pods)
