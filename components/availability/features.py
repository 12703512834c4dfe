"""What a cluster is able to: a feature that it is too old for, or has nothing for, is refused, never dropped in silence.

The API server drops fields that it does not know, and answers that all is well.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..settings import BackendSettings
from ..settings.conflict import Conflict
from ..settings.pod_template import version_gates
from . import mesh
from .facts import ClusterFacts

# Every object uses these: matchLabelKeys in an anti-affinity (KEP-3633, on by default since 1.31), the preStop sleep (KEP-3960,
# 1.30), ContainerResource metrics (KEP-1610, 1.30); the eviction policy of unhealthy pods (KEP-3017), matchLabelKeys and
# nodeTaintsPolicy of a spread (KEP-3243, KEP-3094), requests to a node's pods that are going (KEP-1669) are older.
OLDEST = (1, 31)


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """The settings that need something which the cluster is known not to have."""
    if cluster.version:
        yield from _version(backend, cluster.version)
    if cluster.apis is not None and backend.autoscaling.enabled:
        yield from _metrics(backend, cluster.apis)
    yield from _ways_in(backend, cluster)
    yield from mesh.conflicts(backend, cluster.mesh, cluster.apis)
    yield from _monitoring(backend, cluster)
    wanted = backend.placement.priority_class_name
    if wanted and wanted.startswith("system-"):
        yield Conflict(
            "placement.priorityClassName", wanted, "is Kubernetes' own, for what a node cannot do without: name another"
        )
    elif wanted and cluster.priority_classes is not None and wanted not in cluster.priority_classes:
        known = sorted(name for name in cluster.priority_classes if not name.startswith("system-"))
        yield Conflict(
            "placement.priorityClassName",
            wanted,
            f"is not a PriorityClass of the cluster; there: {', '.join(known) or 'none'}",
        )


def _version(backend: BackendSettings, version: tuple[int, int]) -> Iterator[Conflict]:
    for key, value, since in version_gates.fields(backend.pod_template):
        if version < since:
            yield Conflict(
                key,
                value,
                f"needs Kubernetes {text(since)}, and the cluster runs {text(version)}, which would "
                "drop it: leave it out, or upgrade the cluster",
            )
    if backend.autoscaling.enabled and backend.autoscaling.tolerance_percent is not None and version < (1, 35):
        # KEP-4951: on by default since 1.35.
        yield Conflict(
            "autoscaling.tolerancePercent",
            backend.autoscaling.tolerance_percent,
            f"needs Kubernetes 1.35, and the cluster runs {text(version)}: leave it out, or upgrade the cluster",
            ("autoscaling.enabled",),
        )


def _metrics(backend: BackendSettings, apis: frozenset[str]) -> Iterator[Conflict]:
    scaling = backend.autoscaling
    for key, wanted, group, source in (
        ("cpuPercent", scaling.cpu_percent, "metrics.k8s.io", "metrics-server"),
        ("memoryPercent", scaling.memory_percent, "metrics.k8s.io", "metrics-server"),
        ("podMetrics", scaling.pod_metrics, "custom.metrics.k8s.io", "an adapter such as prometheus-adapter"),
        ("externalMetrics", scaling.external_metrics, "external.metrics.k8s.io", "an adapter such as KEDA's"),
    ):
        if wanted and group not in apis:
            shown = wanted if isinstance(wanted, int) else [metric.name for metric in wanted]
            yield Conflict(
                f"autoscaling.{key}",
                shown,
                f"cannot be read: the cluster does not serve {group}: install {source} there, or leave the setting out",
                ("autoscaling.enabled",),
            )


def _ways_in(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    classes, wanted = cluster.ingress_classes, backend.ingress.class_name
    if backend.ingress.hosts and classes is not None:
        there = f"there: {', '.join(sorted(classes)) or 'none'}"
        if wanted is not None and wanted not in classes:
            yield Conflict(
                "ingress.className",
                wanted,
                f"is not an IngressClass of the cluster; {there}: name one of these, or install a controller",
                ("ingress.hosts",),
            )
        elif wanted is None and not any(classes.values()):
            yield Conflict(
                "ingress.hosts",
                list(backend.ingress.hosts),
                "would be served by nobody: the cluster "
                f"has no default IngressClass; {there}: set ingress.className, or install a controller",
                ("ingress.className",),
            )
    if backend.route.parent_refs and cluster.apis is not None and "gateway.networking.k8s.io" not in cluster.apis:
        yield Conflict(
            "route.parentRefs",
            [parent.name for parent in backend.route.parent_refs],
            "cannot be followed: the "
            "cluster does not serve gateway.networking.k8s.io: install the Gateway API there, and a controller "
            "for it, or use ingress",
        )
    elif backend.route.parent_refs and cluster.route_fields is not None:
        yield from _undefined(backend, cluster.route_fields)


def _undefined(backend: BackendSettings, known: frozenset[str]) -> Iterator[Conflict]:
    """What the cluster's definition of an HTTPRoute does not have: timeouts (GEP-1742, standard since 1.2), retry (GEP-1731).

    Else the API server refuses the route in the midst of an update, when other objects are changed already.
    """
    for key, value, name, remedy in (
        ("backendTimeoutSeconds", backend.route.backend_timeout_seconds, "timeouts", "Gateway API 1.2 or later"),
        ("retry.attempts", backend.route.retry.attempts, "retry", "the experimental channel of the Gateway API"),
    ):
        if value is not None and name not in known:
            yield Conflict(
                f"route.{key}",
                value,
                f"is not taken: the cluster's HTTPRoute has no {name}: install {remedy} there, or leave it out",
            )


def _monitoring(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    if cluster.apis is None or "monitoring.coreos.com" in cluster.apis:
        return
    for key, wanted in (
        ("scrape", backend.monitoring.scrape),
        ("objectivePercent", backend.monitoring.objective_percent),
    ):
        if wanted:
            yield Conflict(
                f"monitoring.{key}",
                wanted,
                "would be read by nobody: the cluster does not serve "
                "monitoring.coreos.com: install the Prometheus operator there, or leave it out",
            )


def text(version: tuple[int, int]) -> str:
    """As people write it, e.g. 1.36."""
    return f"{version[0]}.{version[1]}"
