"""What a stack may say of how it is watched: objects for the Prometheus operator."""

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from .base import Group, LabelKey, LabelValue
from .ingress import Prefix

_Percent = Literal["99", "99.5", "99.9", "99.95"]
WINDOW = "$window"


def _text(value: Any) -> Any:
    """YAML reads 99.9 as a number."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Objective = Annotated[
    _Percent,
    BeforeValidator(_text),
    WithJsonSchema({"type": "number", "enum": [json.loads(percent) for percent in get_args(_Percent)]}),
]


class Monitoring(Group):
    """Objects for the Prometheus operator, where it is there already."""

    scrape: bool = Field(False, description="Whether a PodMonitor has `metricsPort` of all pods read.")
    path: Prefix = Field("/metrics", description="Where metrics are read.")
    interval_seconds: int = Field(30, ge=5, le=300, description="Seconds from one reading to the next.")
    objective_percent: Objective | None = Field(
        None,
        description="With it a PrometheusRule tells when the backend burns its error budget: the share, in 30 days, of "
        "requests that must not fail (`errorRatio`), or else of time in which as many pods must be available as a failure that "
        "is survived leaves.",
    )
    error_ratio: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None,
        description="PromQL for the share of requests that fail in `$window`, e.g. "
        'sum(rate(http_requests_total{status=~"5.."}[$window])) / sum(rate(http_requests_total[$window])). Left out: by the '
        "number of available pods, as kube-state-metrics has it.",
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=10,
        description="Labels by which a Prometheus chooses what it takes, e.g. release: kube-prometheus-stack.",
    )
