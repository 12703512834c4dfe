"""Findings about the Deployment, its Service and its PodDisruptionBudget."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import tagged
from ...errors import verification as errors
from ...settings import BackendSettings
from ..observation import Observation
from .missing import REFRESH, missing
from .pods import problems_in_parentheses


def deployment(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield a wrong replica count, and too few pods that are available or of the current release."""
    if observation.deployment is None:
        yield missing("Deployment", backend.name)
        return
    replicas, status = observation.deployment.spec.replicas, observation.deployment.status
    if not backend.autoscaling.enabled and replicas != backend.replicas:
        yield tagged(
            f"Deployment {backend.name} has {replicas} replicas, but the settings require {backend.replicas}: "
            f"{REFRESH}",
            errors.REPLICA_COUNT_DRIFTED,
        )
    if replicas < backend.replicas and backend.autoscaling.enabled:
        yield tagged(
            f"Deployment {backend.name} has {replicas} replicas, fewer than the autoscaler's minimum "
            f"({backend.replicas}): check the autoscaler, which raises the number",
            errors.REPLICA_COUNT_DRIFTED,
        )
    required = backend.replicas if backend.autoscaling.enabled else replicas  # pods above that may still be starting
    available, updated = status.available_replicas or 0, status.updated_replicas or 0
    if updated < required or available < required:
        yield tagged(
            f"Deployment {backend.name} has {available} of {required} pods available, and {updated} of this release"
            f"{problems_in_parentheses(observation.pods)}",
            errors.PODS_UNAVAILABLE,
        )


def disruption_budget(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield a PodDisruptionBudget that protects no pod, or that never allows a disruption."""
    if observation.budget is None:
        yield missing("PodDisruptionBudget", backend.name)
        return
    status = observation.budget.status
    if not status.expected_pods:
        yield tagged(
            f"PodDisruptionBudget {backend.name} selects no pod, so a drain may evict all of them at once: {REFRESH}",
            errors.BUDGET_SELECTS_NO_PODS,
        )
    elif status.desired_healthy >= status.expected_pods:
        yield tagged(
            f"PodDisruptionBudget {backend.name} never allows a disruption ({status.desired_healthy} of "
            f"{status.expected_pods} pods must stay healthy), so node upgrades would hang: {REFRESH}",
            errors.BUDGET_BLOCKS_DRAINS,
        )


def service(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield a Service with fewer ready endpoints than `replicas`."""
    ready = len(observation.endpoints)
    if observation.service is None:
        yield missing("Service", backend.name)
    elif ready < backend.replicas:
        text = (
            f"Service {backend.name} has {ready} of {backend.replicas} ready endpoints"
            if ready
            else f"Service {backend.name} has no ready endpoint, so every request fails"
        )
        yield tagged(f"{text}{problems_in_parentheses(observation.pods)}", errors.ENDPOINTS_NOT_READY)
