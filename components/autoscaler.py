"""The HorizontalPodAutoscaler: more replicas under load, never fewer than the settings state."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.autoscaling.v2 import (
    ContainerResourceMetricSourceArgs,
    CrossVersionObjectReferenceArgs,
    ExternalMetricSourceArgs,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricIdentifierArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    PodsMetricSourceArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from .availability import timing
from .backend_scope import BackendScope
from .merge import merge
from .settings.autoscaling import Autoscaling
from .settings.well_known import CONTAINER


def autoscaler(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource]
) -> kubernetes.autoscaling.v2.HorizontalPodAutoscaler:
    """Register the HorizontalPodAutoscaler. Pulumi waits until it reads a metric."""
    backend = scope.settings
    timeout = f"{timing.autoscaler_timeout(backend)}s"
    # Without this annotation, `up` would succeed with an autoscaler that has no metrics.
    metadata = scope.metadata(annotations={"pulumi.com/waitFor": "condition=ScalingActive"})
    merge(metadata, backend.overrides.metadata("horizontal_pod_autoscaler"))
    spec = HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=CrossVersionObjectReferenceArgs(api_version="apps/v1", kind="Deployment", name=backend.name),
        min_replicas=backend.replicas,
        max_replicas=backend.autoscaling.max_replicas,
        metrics=_metrics(backend.autoscaling),
        behavior=_behavior(backend.autoscaling),
    )
    overrides = backend.overrides.spec("horizontal_pod_autoscaler")
    for direction in ("scaleUp", "scaleDown"):
        if (overrides.get("behavior") or {}).get(direction, {}).get("policies"):
            # Policies take the place of the generated ones: added to them they could only speed up scaling.
            merge(spec.behavior, {direction: {"policies": None}})
    merge(spec, overrides)
    return kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        f"{scope.prefix}-autoscaler",
        metadata=metadata,
        spec=spec,
        opts=scope.replaceable_options(
            depends_on, custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout)
        ),
    )


def _metrics(scaling: Autoscaling) -> list[MetricSpecArgs]:
    metrics = [
        _utilization(resource, percent)
        for resource, percent in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent))
        if percent
    ]
    metrics += [
        MetricSpecArgs(
            type="Pods",
            pods=PodsMetricSourceArgs(
                metric=MetricIdentifierArgs(name=metric.name), target=_average(metric.average_value)
            ),
        )
        for metric in scaling.pod_metrics
    ]
    metrics += [
        MetricSpecArgs(
            type="External",
            external=ExternalMetricSourceArgs(
                metric=MetricIdentifierArgs(
                    name=metric.name, selector=LabelSelectorArgs(match_labels=metric.labels) if metric.labels else None
                ),
                target=_average(metric.average_value),
            ),
        )
        for metric in scaling.external_metrics
    ]
    return metrics


def _utilization(resource: str, percent: int) -> MetricSpecArgs:
    # Measure the backend's own container only. Injected sidecars would distort the value.
    return MetricSpecArgs(
        type="ContainerResource",
        container_resource=ContainerResourceMetricSourceArgs(
            name=resource, container=CONTAINER, target=MetricTargetArgs(type="Utilization", average_utilization=percent)
        ),
    )


def _average(value: str) -> MetricTargetArgs:
    return MetricTargetArgs(type="AverageValue", average_value=value)


def _behavior(scaling: Autoscaling) -> HorizontalPodAutoscalerBehaviorArgs:
    # A quantity in thousandths, which is the form that the API server returns.
    tolerance = f"{scaling.tolerance_percent * 10}m" if scaling.tolerance_percent is not None else None
    return HorizontalPodAutoscalerBehaviorArgs(
        # Up: at once, at most doubling every 15 s. Down: a tenth or one pod a minute, after the stabilization window.
        scale_up=HPAScalingRulesArgs(
            stabilization_window_seconds=scaling.scale_up_stabilization_seconds,
            select_policy="Max",
            tolerance=tolerance,
            policies=[
                HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=15),
                HPAScalingPolicyArgs(type="Pods", value=4, period_seconds=15),
            ],
        ),
        scale_down=HPAScalingRulesArgs(
            stabilization_window_seconds=scaling.scale_down_stabilization_seconds,
            select_policy="Max",
            tolerance=tolerance,
            policies=[
                HPAScalingPolicyArgs(type="Percent", value=10, period_seconds=60),
                HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=60),
            ],
        ),
    )
