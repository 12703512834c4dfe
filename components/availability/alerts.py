"""Prometheus alerts on the rate at which the error budget of the objective burns.

The windows and factors are those of Google's SRE workbook, chapter 5, table 5-8. Each alert combines a long window,
which ignores blips, with a short one, which resolves the alert soon after the problem ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..settings import BackendSettings
from ..settings.monitoring import WINDOW
from . import capacity
from .facts import ClusterFacts
from .scheduling import eligible_facts

# Burn rate as a multiple of what the budget allows, long window, short window, severity.
_BURN_RATES = (
    (Decimal("14.4"), "1h", "5m", "critical"),
    (Decimal(6), "6h", "30m", "critical"),
    (Decimal(3), "1d", "2h", "warning"),
    (Decimal(1), "3d", "6h", "warning"),
)


@dataclass(frozen=True)
class Alert:
    """One alerting rule, in Prometheus' terms. ``duration`` is the rule's ``for``."""

    name: str
    expression: str
    duration: str
    severity: str
    summary: str


def alerts(backend: BackendSettings, cluster: ClusterFacts) -> tuple[Alert, ...]:
    """Return the alerting rules; none if `monitoring.objectivePercent` is unset."""
    return tuple(_alerts(backend, cluster)) if backend.monitoring.objective_percent else ()


def min_available(backend: BackendSettings, cluster: ClusterFacts) -> int:
    """Return how many pods remain after the failure that `survive` names, at least 1.

    If the failure domains are unknown, return how many pods a drain leaves.
    """
    lost = capacity.pods_lost(backend.survive, backend.replicas, eligible_facts(backend, cluster))
    disruptions = backend.evictable(backend.replicas)
    return max(backend.replicas - (lost if lost < backend.replicas else disruptions), 1)


def _alerts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Alert]:
    objective, own_ratio = Decimal(backend.monitoring.objective_percent or "0"), backend.monitoring.error_ratio
    budget = 1 - objective / 100
    pods = (
        f'kube_deployment_status_replicas_available{{namespace="{backend.namespace_name}",deployment="{backend.name}"}}'
    )
    required = min_available(backend, cluster)
    ratio = own_ratio or f"avg_over_time(({pods} < bool {required})[{WINDOW}:1m])"
    symptom = "requests fail" if own_ratio else f"fewer than {required} pods are available"
    for factor, long, short, severity in _BURN_RATES:
        bound = (factor * budget).normalize()
        expression = " and ".join(f"({ratio.replace(WINDOW, window)}) > {bound:f}" for window in (long, short))
        yield Alert(
            "BackendBurnsErrorBudget",
            expression,
            "0m",
            severity,
            f"{backend.name}: over {long}, {symptom} {factor:f} times as often as {objective:f} % allows",
        )
    if not own_ratio:
        yield Alert(
            "BackendNotMeasured",
            f"absent({pods})",
            "15m",
            "warning",
            f"{backend.name}: the number of available pods is unknown: kube-state-metrics reports no such Deployment",
        )
