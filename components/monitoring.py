"""The Prometheus operator's objects: a PodMonitor to scrape the pods, and a PrometheusRule with alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .availability import ClusterFacts
from .availability.alerts import alerts
from .backend_scope import BackendScope

OPERATOR_API = "monitoring.coreos.com/v1"


def pod_monitor(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource]
) -> kubernetes.apiextensions.CustomResource | None:
    """Register the PodMonitor; return None if scraping is disabled.

    Prometheus reads each pod by itself: through the Service, every scrape would reach another pod.
    """
    settings = scope.settings.monitoring
    if not settings.scrape:
        return None
    endpoint = {
        "port": scope.settings.metrics_port_name,
        "path": settings.path,
        "interval": f"{settings.interval_seconds}s",
    }
    spec = {"selector": {"matchLabels": scope.selector}, "podMetricsEndpoints": [endpoint]}
    return _custom_resource(scope, "PodMonitor", "pod-monitor", depends_on, spec)


def prometheus_rule(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource], cluster: ClusterFacts
) -> kubernetes.apiextensions.CustomResource | None:
    """Register the PrometheusRule; return None if the settings state no objective."""
    rules = [
        {
            "alert": alert.name,
            "expr": alert.expression,
            "for": alert.duration,
            "labels": {"severity": alert.severity},
            "annotations": {"summary": alert.summary},
        }
        for alert in alerts(scope.settings, cluster)
    ]
    if not rules:
        return None
    spec = {"groups": [{"name": scope.settings.name, "rules": rules}]}
    return _custom_resource(scope, "PrometheusRule", "alerts", depends_on, spec)


def _custom_resource(
    scope: BackendScope, kind: str, name: str, depends_on: Sequence[pulumi.Resource], spec: dict[str, Any]
) -> kubernetes.apiextensions.CustomResource:
    metadata = ObjectMetaArgs(
        name=scope.settings.name,
        namespace=scope.settings.namespace_name,
        labels={**scope.settings.monitoring.labels, **scope.labels},
    )
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-{name}",
        api_version=OPERATOR_API,
        kind=kind,
        metadata=metadata,
        spec=spec,
        opts=scope.replaceable_options(depends_on),
    )
