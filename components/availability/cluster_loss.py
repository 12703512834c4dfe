"""What a backend survives that runs on several clusters at once, each of which serves requests all the time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.balancer import BalancerSettings
from ..settings.conflict import Conflict
from ..settings.quantity import amount
from . import capacity, recovery
from .recovery import Term


@dataclass(frozen=True)
class ClusterLoss:
    """The loss of a whole cluster, namely of the one with the most capacity.

    Full capacity returns with the cluster and not before, so no recovery time is promised. ``error_window`` holds the
    terms of the time in which requests routed to the lost cluster may fail. Other requests are not affected.
    """

    capacity_left_percent: int
    why: str
    error_window: tuple[Term, ...]

    def as_output(self) -> dict[str, Any]:
        """Return the promise as plain data, with the keys that the promise of a single cluster has."""
        return {
            "cluster": {
                "survived": True,
                "errorWindowSeconds": recovery.total(self.error_window),
                "capacityLeftPercent": self.capacity_left_percent,
                "why": self.why,
                "errorWindowSources": [term.text for term in self.error_window],
            }
        }


def conflicts(backends: Mapping[str, BackendSettings]) -> Iterator[tuple[str, Conflict]]:
    """Yield what cannot hold after the loss of a cluster, by cluster name; keys are relative to its backend."""
    remaining = _remaining_share(backends)
    for name, backend in backends.items():
        scaling = backend.autoscaling
        if not scaling.enabled:
            continue
        # Requests are guaranteed. Above the limits pods are throttled, or killed.
        for key, resource, target, highest in (
            ("cpuPercent", "CPU", scaling.cpu_percent, math.floor(100 * remaining)),
            (
                "memoryPercent",
                "memory",
                scaling.memory_percent,
                _memory_percent(backend, remaining),
            ),
        ):
            if target is not None and highest is not None and target > highest:
                yield (
                    name,
                    Conflict(
                        f"autoscaling.{key}",
                        target,
                        "is too high to survive the loss of a cluster: the pods on the other clusters would need more "
                        f"{resource} than they have: lower it to {highest}, or use more clusters",
                        kind=errors.CLUSTER_LOSS_OVERLOAD,
                    ),
                )


def _memory_percent(backend: BackendSettings, remaining: Fraction) -> int | None:
    limit = capacity.limit_percent(backend, "memory")
    return None if limit is None else math.floor(remaining * limit)


def weights(backends: Mapping[str, BackendSettings]) -> dict[str, int]:
    """Return the percentage of all requests for each cluster: its share of the guaranteed CPU."""
    total = sum(map(_guaranteed_cpu, backends.values()))
    return {name: round(100 * _guaranteed_cpu(backend) / total) for name, backend in backends.items()}


def loss(backends: Mapping[str, BackendSettings], balancer: BalancerSettings) -> ClusterLoss:
    """Return the promise for two or more clusters whose settings do not conflict. Stored data is not covered."""
    bounded = all(one.autoscaling.enabled and one.autoscaling.cpu_percent is not None for one in backends.values())
    others = f"the other {len(backends) - 1} clusters keep" if len(backends) > 2 else "the other cluster keeps"
    reserve = (
        "and the load it receives fits within its requests"
        if bounded and len(backends) == 2
        else "and the load they receive fits within their requests"
        if bounded
        else "but no CPU target bounds the utilization of pods, so it is unknown whether they can carry the load"
    )
    return ClusterLoss(
        math.floor(100 * _remaining_share(backends)),
        f"{others} serving, {reserve}",
        (
            Term(
                balancer.health_check_seconds,
                "until the global load balancer's health check fails",
                "balancer.healthCheckSeconds",
            ),
            Term(balancer.ttl_seconds, "for which clients cache its address", "balancer.ttlSeconds"),
        ),
    )


def _remaining_share(backends: Mapping[str, BackendSettings]) -> Fraction:
    """Return the share of the guaranteed CPU that remains without the largest cluster."""
    guaranteed = [_guaranteed_cpu(backend) for backend in backends.values()]
    return 1 - max(guaranteed) / sum(guaranteed)


def _guaranteed_cpu(backend: BackendSettings) -> Fraction:
    return backend.replicas * Fraction(amount(backend.resources.requests.cpu))
