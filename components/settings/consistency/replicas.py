"""Rules about the replica count and the rollout."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ...errors import settings as errors
from .. import probes
from ..backend import BackendSettings
from ..conflict import Conflict


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of the autoscaler and of the rollout's deadline."""
    scaling = backend.autoscaling
    if scaling.enabled and scaling.max_replicas <= backend.replicas:
        yield Conflict(
            "autoscaling.maxReplicas",
            scaling.max_replicas,
            f"must be above replicas ({backend.replicas}): raise it, lower replicas, or set autoscaling.enabled to "
            f"false",
            ("replicas", "autoscaling.enabled"),
            kind=contradictions.AUTOSCALER_CANNOT_SCALE,
        )
    further = scaling.triggers or backend.overrides.spec("horizontal_pod_autoscaler").get("metrics")
    metrics = (scaling.cpu_percent, scaling.memory_percent, scaling.pod_metrics, scaling.external_metrics, further)
    if scaling.by_metrics and not any(metrics):
        yield Conflict(
            "autoscaling.cpuPercent",
            None,
            "leaves the autoscaler without a metric: set it, for example to 60, or configure another metric",
            (
                "autoscaling.memoryPercent",
                "autoscaling.podMetrics",
                "autoscaling.externalMetrics",
                "autoscaling.enabled",
            ),
            kind=contradictions.AUTOSCALER_WITHOUT_METRIC,
        )
    budget = backend.disruption_budget
    if budget.min_available is not None and "max_unavailable" in budget.model_fields_set:
        yield Conflict(
            "disruptionBudget.maxUnavailable",
            budget.max_unavailable,
            "has no effect, because disruptionBudget.minAvailable takes its place: omit one of the two",
            ("disruptionBudget.minAvailable",),
            kind=errors.NO_EFFECT,
        )
    yield from _other_owner(backend)
    yield from _deadline(backend)


def _other_owner(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield settings of an autoscaler that another owner of the replica count does not read."""
    scaling = backend.autoscaling
    unread = {
        "hpa": ("triggers",),
        "keda": ("pod_metrics", "external_metrics", "tolerance_percent"),
        "other": ("triggers", "pod_metrics", "external_metrics", "tolerance_percent", "memory_percent"),
        "settings": ("triggers",),
    }[scaling.replicas_owner]
    for field in unread:
        if value := getattr(scaling, field):
            alias = type(scaling).model_fields[field].alias
            yield Conflict(
                f"autoscaling.{alias}",
                [each if isinstance(each, dict) else each.name for each in value] if isinstance(value, list) else value,
                f"has no effect with autoscaling.owner: {scaling.owner}: omit it, or change the owner",
                ("autoscaling.owner", "autoscaling.enabled"),
                kind=errors.NO_EFFECT,
            )


def _deadline(backend: BackendSettings) -> Iterator[Conflict]:
    rollout, before = backend.rollout, backend.seconds_before_start
    start, key = probes.start_seconds(backend)
    if before + rollout.min_ready_seconds + start >= rollout.progress_deadline_seconds:
        proxy = ", the mesh's proxy" if backend.has_proxy else ""
        earlier = f" + {before} for earlier containers (health.initSeconds, startup probes of sidecars{proxy})"
        yield Conflict(
            "rollout.progressDeadlineSeconds",
            rollout.progress_deadline_seconds,
            f"must be above {key} ({start}) + rollout.minReadySeconds "
            f"({rollout.min_ready_seconds}){earlier if before else ''}, or a slow start fails the rollout: raise it, "
            "or lower one of the others",
            ("health.startupSeconds", "rollout.minReadySeconds", "health.initSeconds", "podTemplate"),
            kind=contradictions.PROGRESS_DEADLINE_TOO_SHORT,
        )
