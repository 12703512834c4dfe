"""Which settings need a feature that the cluster does not have.

Such settings are rejected, never dropped: the API server drops fields that it does not know and reports success.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.autoscaling import KEDA_API
from ..settings.conflict import Conflict
from ..settings.pod_template import version_gates
from . import ingress_support, mesh_support
from .facts import ClusterFacts

# Every object uses these: matchLabelKeys in an anti-affinity (KEP-3633, on by default since 1.31), the preStop sleep
# (KEP-3960, 1.30), ContainerResource metrics (KEP-1610, 1.30). Older are the eviction policy of unhealthy pods
# (KEP-3017), matchLabelKeys and nodeTaintsPolicy of a topology spread (KEP-3243, KEP-3094), and traffic to the
# terminating pods of a node (KEP-1669).
MIN_VERSION = (1, 31)


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Yield a conflict for each setting that needs something which the cluster is known not to have."""
    if cluster.version:
        yield from _version(backend, cluster.version)
    if cluster.apis is not None and backend.autoscaling.by_metrics:
        yield from _metrics(backend, cluster.apis)
    yield from ingress_support.conflicts(backend, cluster)
    yield from mesh_support.conflicts(backend, cluster.mesh, cluster.apis)
    yield from _monitoring(backend, cluster)
    yield from _priority_class(backend, cluster)


def _priority_class(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    name = backend.placement.priority_class_name
    if name and name.startswith("system-"):
        yield Conflict(
            "placement.priorityClassName",
            name,
            "is reserved for components that a node cannot run without: use another PriorityClass",
            kind=errors.PRIORITY_CLASS_RESERVED,
        )
    elif name and cluster.priority_classes is not None and name not in cluster.priority_classes:
        usable = sorted(name for name in cluster.priority_classes if not name.startswith("system-"))
        yield Conflict(
            "placement.priorityClassName",
            name,
            f"is not a PriorityClass of the cluster: use one of the cluster's: {', '.join(usable) or 'none'}",
            kind=errors.PRIORITY_CLASS_MISSING,
        )


def _version(backend: BackendSettings, version: tuple[int, int]) -> Iterator[Conflict]:
    for key, value, since in version_gates.fields(backend.pod_template):
        if version < since:
            yield Conflict(
                key,
                value,
                f"needs Kubernetes {format_version(since)}, and the cluster runs {format_version(version)}, which "
                "drops the field: omit it, or upgrade the cluster",
                kind=errors.KUBERNETES_TOO_OLD,
            )
    if backend.autoscaling.enabled and backend.autoscaling.tolerance_percent is not None and version < (1, 35):
        # KEP-4951: on by default since 1.35.
        yield Conflict(
            "autoscaling.tolerancePercent",
            backend.autoscaling.tolerance_percent,
            f"needs Kubernetes 1.35, and the cluster runs {format_version(version)}: omit it, or upgrade the cluster",
            ("autoscaling.enabled",),
            kind=errors.KUBERNETES_TOO_OLD,
        )


def _metrics(backend: BackendSettings, apis: frozenset[str]) -> Iterator[Conflict]:
    scaling = backend.autoscaling
    if scaling.owner == "keda" and KEDA_API not in apis:
        yield Conflict(
            "autoscaling.owner",
            "keda",
            f"needs KEDA, and the cluster does not serve {KEDA_API}: install KEDA, or set owner to hpa",
            ("autoscaling.enabled",),
            kind=errors.METRICS_API_MISSING,
        )
    for key, value, group, source in (
        ("cpuPercent", scaling.cpu_percent, "metrics.k8s.io", "metrics-server"),
        ("memoryPercent", scaling.memory_percent, "metrics.k8s.io", "metrics-server"),
        ("podMetrics", scaling.pod_metrics, "custom.metrics.k8s.io", "an adapter such as prometheus-adapter"),
        ("externalMetrics", scaling.external_metrics, "external.metrics.k8s.io", "an adapter such as KEDA's"),
    ):
        if value and group not in apis:
            shown = value if isinstance(value, int) else [metric.name for metric in value]
            yield Conflict(
                f"autoscaling.{key}",
                shown,
                f"cannot be read because the cluster does not serve {group}: install {source}, or omit the setting",
                ("autoscaling.enabled",),
                kind=errors.METRICS_API_MISSING,
            )


def _monitoring(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if cluster.apis is None or "monitoring.coreos.com" in cluster.apis:
        return
    for key, value in (
        ("scrape", backend.monitoring.scrape),
        ("objectivePercent", backend.monitoring.objective_percent),
    ):
        if value:
            yield Conflict(
                f"monitoring.{key}",
                value,
                "has no effect because the cluster does not serve monitoring.coreos.com: install the Prometheus "
                "operator, or omit the setting",
                kind=errors.PROMETHEUS_OPERATOR_MISSING,
            )


def format_version(version: tuple[int, int]) -> str:
    """Format a Kubernetes version, such as 1.36."""
    return f"{version[0]}.{version[1]}"
