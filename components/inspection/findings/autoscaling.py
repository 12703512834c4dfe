"""Findings about the HorizontalPodAutoscaler, and about a VerticalPodAutoscaler that works against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import tagged
from ...errors import verification as errors
from ...settings import BackendSettings
from ...settings.well_known import CONTAINER
from ..observation import Observation
from .missing import REFRESH, missing


def horizontal(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield wrong bounds of the autoscaler, and conditions under which it cannot scale."""
    if not backend.autoscaling.by_metrics:
        return
    name = backend.autoscaler_name
    if observation.autoscaler is None:
        if backend.autoscaling.replicas_owner == "keda":
            yield tagged(
                f"HorizontalPodAutoscaler {name} is missing: KEDA has not created it from the ScaledObject; "
                f"run `kubectl describe scaledobject {backend.name} -n {backend.namespace_name}`",
                errors.AUTOSCALER_INACTIVE,
            )
        else:
            yield missing("HorizontalPodAutoscaler", name)
        return
    bounds = (observation.autoscaler.spec.min_replicas, observation.autoscaler.spec.max_replicas)
    if bounds != (backend.replicas, backend.max_replicas):
        yield tagged(
            f"HorizontalPodAutoscaler {name} scales from {bounds[0]} to {bounds[1]} pods, but the settings "
            f"require {backend.replicas} to {backend.max_replicas}: {REFRESH}",
            errors.AUTOSCALER_BOUNDS_DRIFTED,
        )
    for condition in observation.autoscaler.status.conditions or []:
        if condition.type in ("ScalingActive", "AbleToScale") and condition.status != "True":
            yield tagged(
                f"HorizontalPodAutoscaler {name} cannot scale: {condition.type} is {condition.status} "
                f"({condition.reason}: {condition.message})",
                errors.AUTOSCALER_INACTIVE,
            )


def vertical(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield a VerticalPodAutoscaler that changes what the HorizontalPodAutoscaler divides by: they chase each other."""
    if not backend.autoscaling.by_metrics:
        return
    for autoscaler in observation.vertical_autoscalers:
        spec = autoscaler.get("spec") or {}
        mode = (spec.get("updatePolicy") or {}).get("updateMode", "Auto")
        target = spec.get("targetRef") or {}
        if (
            (target.get("kind"), target.get("name")) == ("Deployment", backend.name)
            and mode != "Off"
            and _changes_measured_request(backend, spec)
        ):
            yield tagged(
                f"VerticalPodAutoscaler {autoscaler['metadata']['name']} changes the requests that the "
                "HorizontalPodAutoscaler measures by: set its updateMode to Off",
                errors.AUTOSCALERS_CONFLICT,
            )


def _changes_measured_request(backend: BackendSettings, spec: dict[str, Any]) -> bool:
    """Return whether a VerticalPodAutoscaler sets a request that the autoscaler measures by."""
    scaling = backend.autoscaling
    measured = {name for name, target in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent)) if target}
    policies = (spec.get("resourcePolicy") or {}).get("containerPolicies") or []
    by_container = {policy.get("containerName"): policy for policy in policies}
    policy = by_container.get(CONTAINER) or by_container.get("*") or {}
    return policy.get("mode") != "Off" and bool(measured & set(policy.get("controlledResources") or ("cpu", "memory")))
