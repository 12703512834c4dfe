"""KEDA's ScaledObject, from which KEDA creates the HorizontalPodAutoscaler that owns the replica count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from .backend_scope import BackendScope
from .hooks import of_scaled_object
from .settings.autoscaling import KEDA_API
from .settings.well_known import CONTAINER


def scaled_object(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource]
) -> kubernetes.apiextensions.CustomResource | None:
    """Register the ScaledObject; return None unless `autoscaling.owner` is `keda`.

    KEDA admits none while another autoscaler targets the Deployment: one of the stack's own is deleted first.
    """
    backend = scope.settings
    if backend.autoscaling.replicas_owner != "keda":
        return None
    behavior = backend.overrides.spec("horizontal_pod_autoscaler").get("behavior")
    spec: dict[str, Any] = {
        "scaleTargetRef": {"name": backend.name},
        "minReplicaCount": backend.replicas,
        "maxReplicaCount": backend.autoscaling.max_replicas,
        **({"advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior}}} if behavior else {}),
        "triggers": [*_own_triggers(scope), *backend.autoscaling.triggers],
    }
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-scaled-object",
        api_version=f"{KEDA_API}/v1alpha1",
        kind="ScaledObject",
        metadata=scope.metadata(),
        spec=spec,
        opts=scope.replaceable_options(depends_on, hooks=of_scaled_object(scope)),
    )


def _own_triggers(scope: BackendScope) -> list[dict[str, Any]]:
    scaling = scope.settings.autoscaling
    return [
        # The backend's own container only: injected sidecars would distort the value.
        {
            "type": resource,
            "metricType": "Utilization",
            "metadata": {"value": str(percent), "containerName": CONTAINER},
        }
        for resource, percent in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent))
        if percent
    ]
