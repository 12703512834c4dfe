"""How the backend is watched: what Prometheus reads of it, and when somebody is told."""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .availability import ClusterFacts
from .availability.alerts import alerts
from .backend_scope import Scope

OPERATOR_API = "monitoring.coreos.com/v1"


def pod_monitor(
    scope: Scope, namespace: kubernetes.core.v1.Namespace
) -> kubernetes.apiextensions.CustomResource | None:
    """None where nothing is to be read. Pods are read one by one: through the Service it would be another each time."""
    wanted = scope.settings.monitoring
    if not wanted.scrape:
        return None
    endpoint = {"port": "metrics", "path": wanted.path, "interval": f"{wanted.interval_seconds}s"}
    return _made(
        scope,
        "PodMonitor",
        "pod-monitor",
        namespace,
        {"selector": {"matchLabels": scope.selector}, "podMetricsEndpoints": [endpoint]},
    )


def prometheus_rule(
    scope: Scope, namespace: kubernetes.core.v1.Namespace, cluster: ClusterFacts
) -> kubernetes.apiextensions.CustomResource | None:
    """None where there is no objective."""
    found = alerts(scope.settings, cluster)
    if not found:
        return None
    rules = [
        {
            "alert": one.name,
            "expr": one.expression,
            "for": one.lasting,
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary},
        }
        for one in found
    ]
    return _made(
        scope, "PrometheusRule", "alerts", namespace, {"groups": [{"name": scope.settings.name, "rules": rules}]}
    )


def _made(
    scope: Scope, kind: str, name: str, namespace: kubernetes.core.v1.Namespace, spec: dict[str, Any]
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
        opts=scope.replaceable([namespace]),
    )
