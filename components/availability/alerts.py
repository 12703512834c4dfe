"""When somebody is told that less is kept than the objective: by how fast the error budget burns.

The windows and factors are those of Google's SRE workbook, chapter 5, table 5-8: each alert needs a long window, so that it is
no blip, and a short one, so that it ends soon after the trouble has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..settings import BackendSettings
from ..settings.monitoring import WINDOW
from . import capacity
from .facts import ClusterFacts
from .scheduling import reached

# How many times faster than the budget allows, in which long and which short window, and how urgent that is.
_BURNS = (
    (Decimal("14.4"), "1h", "5m", "critical"),
    (Decimal(6), "6h", "30m", "critical"),
    (Decimal(3), "1d", "2h", "warning"),
    (Decimal(1), "3d", "6h", "warning"),
)


@dataclass(frozen=True)
class Alert:
    """One alert, in Prometheus' words."""

    name: str
    expression: str
    lasting: str
    severity: str
    summary: str


def alerts(backend: BackendSettings, cluster: ClusterFacts) -> tuple[Alert, ...]:
    """None where the settings name no objective."""
    return tuple(_alerts(backend, cluster)) if backend.monitoring.objective_percent else ()


def least_available(backend: BackendSettings, cluster: ClusterFacts) -> int:
    """The pods that are left when what is to be survived has happened; where no domain is known, as many as a drain leaves."""
    lost = capacity.lost(backend.survive, backend.replicas, reached(backend, cluster))
    budget = backend.disruption_budget.max_unavailable
    return max(backend.replicas - (lost if lost < backend.replicas else budget), 1)


def _alerts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Alert]:
    objective, own = Decimal(backend.monitoring.objective_percent or "0"), backend.monitoring.error_ratio
    allowed = 1 - objective / 100
    pods = (
        f'kube_deployment_status_replicas_available{{namespace="{backend.namespace_name}",deployment="{backend.name}"}}'
    )
    least = least_available(backend, cluster)
    ratio = own or f"avg_over_time(({pods} < bool {least})[{WINDOW}:1m])"
    what = "requests fail" if own else f"fewer than {least} pods are available"
    for factor, long, short, severity in _BURNS:
        bound = (factor * allowed).normalize()
        both = " and ".join(f"({ratio.replace(WINDOW, window)}) > {bound:f}" for window in (long, short))
        yield Alert(
            "BackendBurnsErrorBudget",
            both,
            "0m",
            severity,
            f"{backend.name}: {what}, {factor:f} times as often as {objective:f} % allows, for {long}",
        )
    if not own:
        yield Alert(
            "BackendNotMeasured",
            f"absent({pods})",
            "15m",
            "warning",
            f"{backend.name}: nobody knows how many pods are available: kube-state-metrics has nothing of it",
        )
