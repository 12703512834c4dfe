"""The HorizontalPodAutoscaler: more pods under load, never fewer than the settings say."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.autoscaling.v2 import (
    ContainerResourceMetricSourceArgs,
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
)

from components.pod import CONTAINER
from components.scope import Scope

# Metrics take about 75 s to reach a new autoscaler on default intervals; four times that is no longer a matter of waiting.
METRICS_TIMEOUT = "5m"


def autoscaler(scope: Scope, deployment: kubernetes.apps.v1.Deployment) -> kubernetes.autoscaling.v2.HorizontalPodAutoscaler:
    """Scales on the CPU of the backend's own container. The engine waits until it really reads that metric."""
    backend = scope.settings
    return kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        f"{scope.prefix}-autoscaler",
        # Without this, `up` would be green with an autoscaler that has no metrics.
        metadata=scope.meta(annotations={"pulumi.com/waitFor": "condition=ScalingActive"}),
        spec=HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=CrossVersionObjectReferenceArgs(api_version="apps/v1", kind="Deployment", name=backend.name),
            min_replicas=backend.replicas,
            max_replicas=backend.autoscaling.max_replicas,
            metrics=[MetricSpecArgs(
                type="ContainerResource",  # sidecars that others inject do not distort it
                container_resource=ContainerResourceMetricSourceArgs(
                    name="cpu", container=CONTAINER,
                    target=MetricTargetArgs(type="Utilization", average_utilization=backend.autoscaling.cpu_percent)))],
            behavior=HorizontalPodAutoscalerBehaviorArgs(
                # Up: at once, doubling every 15 s at the most. Down: after 5 quiet minutes, a tenth or a pod a minute.
                scale_up=HPAScalingRulesArgs(
                    stabilization_window_seconds=0, select_policy="Max",
                    policies=[HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=15),
                              HPAScalingPolicyArgs(type="Pods", value=4, period_seconds=15)]),
                scale_down=HPAScalingRulesArgs(
                    stabilization_window_seconds=300, select_policy="Max",
                    policies=[HPAScalingPolicyArgs(type="Percent", value=10, period_seconds=60),
                              HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=60)]))),
        opts=scope.options([deployment], custom_timeouts=pulumi.CustomTimeouts(create=METRICS_TIMEOUT, update=METRICS_TIMEOUT)))
