"""What the same backend survives on several clusters at once, each of which takes requests all the time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..settings import BackendSettings
from ..settings.balancer import BalancerSettings
from ..settings.conflict import Conflict
from ..settings.quantity import amount
from . import capacity, recovery
from .recovery import Term


@dataclass(frozen=True)
class ClusterLoss:
    """The loss of a whole cluster, the one that takes most with it.

    Full capacity comes back with the cluster and not before, so that no time until then is promised. ``failing``: the terms of
    the time in which the requests that were sent there may fail; the others see nothing of it.
    """

    capacity_left_percent: int
    why: str
    failing: tuple[Term, ...]

    def as_output(self) -> dict[str, Any]:
        """As plain data, with the keys that the promise of each cluster has."""
        return {
            "cluster": {
                "survived": True,
                "errorWindowSeconds": recovery.total(self.failing),
                "capacityLeftPercent": self.capacity_left_percent,
                "why": self.why,
                "errorWindowSources": [term.told for term in self.failing],
            }
        }


def conflicts(backends: Mapping[str, BackendSettings]) -> Iterator[tuple[str, Conflict]]:
    """What cannot hold when a cluster is lost, by the name of the cluster; keys are relative to its backend."""
    left = _left(backends)
    for name, backend in backends.items():
        scaling = backend.autoscaling
        if not scaling.enabled:
            continue
        # Requests are guaranteed. Above the limits pods are throttled, or killed.
        for key, what, target, highest in (
            ("cpuPercent", "CPU", scaling.cpu_percent, math.floor(100 * left)),
            (
                "memoryPercent",
                "memory",
                scaling.memory_percent,
                math.floor(left * capacity.percent_of_limit(backend, "memory")),
            ),
        ):
            if target is not None and target > highest:
                yield (
                    name,
                    Conflict(
                        f"autoscaling.{key}",
                        target,
                        "is too high to lose a cluster: the pods on the others "
                        f"would need more {what} than they have: lower it to {highest}, or use more clusters",
                    ),
                )


def weights(backends: Mapping[str, BackendSettings]) -> dict[str, int]:
    """The share of all requests that each cluster is to get, in percent: as large as its share of the guaranteed CPU."""
    total = sum(map(_guaranteed, backends.values()))
    return {name: round(100 * _guaranteed(backend) / total) for name, backend in backends.items()}


def loss(backends: Mapping[str, BackendSettings], balancer: BalancerSettings) -> ClusterLoss:
    """The promise, for two clusters or more whose settings are in no conflict. What a backend stores is not covered."""
    bounded = all(one.autoscaling.enabled and one.autoscaling.cpu_percent is not None for one in backends.values())
    others = f"the other {len(backends) - 1} clusters serve" if len(backends) > 2 else "the other cluster serves"
    carried = (
        "and what is sent to it fits within its requests"
        if bounded and len(backends) == 2
        else "and what is sent to them fits within their requests"
        if bounded
        else "but no CPU target says how busy pods are, so nobody can tell whether they carry the load"
    )
    return ClusterLoss(
        math.floor(100 * _left(backends)),
        f"{others} on, {carried}",
        (
            Term(
                balancer.health_check_seconds,
                "until the balancer over the clusters finds it lost",
                "balancer.healthCheckSeconds",
            ),
            Term(balancer.ttl_seconds, "for which clients keep its address", "balancer.ttlSeconds"),
        ),
    )


def _left(backends: Mapping[str, BackendSettings]) -> Fraction:
    """The part of the guaranteed CPU that is left without the largest cluster."""
    each = [_guaranteed(backend) for backend in backends.values()]
    return 1 - max(each) / sum(each)


def _guaranteed(backend: BackendSettings) -> Fraction:
    return backend.replicas * Fraction(amount(backend.resources.requests.cpu))
