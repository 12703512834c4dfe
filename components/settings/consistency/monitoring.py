"""Rules about monitoring: metrics that cannot be scraped, and alerts that cannot fire."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ...errors import settings as errors
from ..backend import BackendSettings
from ..conflict import Conflict
from ..monitoring import WINDOW


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of the PodMonitor and of the alerts."""
    monitoring = backend.monitoring
    if monitoring.scrape and backend.metrics_port is None:
        yield Conflict(
            "monitoring.scrape",
            True,
            "scrapes a port that does not exist: set metricsPort",
            ("metricsPort",),
            kind=contradictions.METRICS_PORT_MISSING,
        )
    elif monitoring.scrape and not backend.network.allow_metrics_from:
        yield Conflict(
            "monitoring.scrape",
            True,
            "is blocked by the NetworkPolicy: add the namespace of Prometheus to network.allowMetricsFrom",
            ("network.allowMetricsFrom",),
            kind=contradictions.SCRAPE_BLOCKED,
        )
    if monitoring.error_ratio is not None and monitoring.objective_percent is None:
        yield Conflict(
            "monitoring.errorRatio",
            monitoring.error_ratio,
            "has no effect without an objective: set monitoring.objectivePercent, for example to 99.9",
            ("monitoring.objectivePercent",),
            kind=errors.NO_EFFECT,
        )
    if monitoring.error_ratio is not None and WINDOW not in monitoring.error_ratio:
        yield Conflict(
            "monitoring.errorRatio",
            monitoring.error_ratio,
            f"does not contain {WINDOW}, which the alerts replace by ranges from 5m to 3d: use it as the range, for "
            f"example [{WINDOW}]",
            kind=contradictions.ERROR_RATIO_WITHOUT_WINDOW,
        )
