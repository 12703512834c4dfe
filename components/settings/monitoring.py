"""The settings of monitoring: objects for the Prometheus operator."""

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from .base import LabelKey, LabelValue, SettingsModel
from .ingress import Prefix

_Percent = Literal["99", "99.5", "99.9", "99.95"]
WINDOW = "$window"
"""Placeholder in ``monitoring.errorRatio`` that the alerts replace by a range such as 5m."""


def _as_string(value: Any) -> Any:
    """Return a number as a string: YAML reads 99.9 as a number."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Objective = Annotated[
    _Percent,
    BeforeValidator(_as_string),
    WithJsonSchema({"type": "number", "enum": [json.loads(percent) for percent in get_args(_Percent)]}),
]


class Monitoring(SettingsModel):
    """A PodMonitor and a PrometheusRule, for a Prometheus operator that is already installed."""

    scrape: bool = Field(
        False, description="Whether to create a PodMonitor, by which Prometheus scrapes `metricsPort` of all pods."
    )
    path: Prefix = Field("/metrics", description="Path of the metrics.")
    interval_seconds: int = Field(30, ge=5, le=300, description="Seconds between two scrapes.")
    objective_percent: Objective | None = Field(
        None,
        description="Service level objective over 30 days, in percent. A PrometheusRule alerts when the backend burns "
        "its error budget: the share of requests that may fail (with `errorRatio`), or the share of time with fewer "
        "available pods than a survived failure leaves. If omitted, there are no alerts.",
    )
    error_ratio: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None,
        description="PromQL expression for the share of failed requests in `$window`, such as "
        'sum(rate(http_requests_total{status=~"5.."}[$window])) / sum(rate(http_requests_total[$window])). If omitted, '
        "the alerts use the number of available pods from kube-state-metrics.",
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=10,
        description="Labels of the PodMonitor and the PrometheusRule, by which a Prometheus selects them, such as "
        "release: kube-prometheus-stack.",
    )
