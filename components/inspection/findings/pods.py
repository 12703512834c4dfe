"""Findings about single pods: why one is not ready, and pods of another owner under the backend's label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import tagged
from ...errors.verification import FOREIGN_POD
from ...settings import BackendSettings
from ..observation import Observation

_MAX_NAMES = 3  # enough to show what is wrong


def problems(pods: tuple[Any, ...]) -> list[str]:
    """Return the pods that are not ready, each with its reason; at most three and a count of the others."""
    lines = [f"pod {pod.metadata.name}: {reason}" for pod in pods if (reason := _problem(pod))]
    return lines[:_MAX_NAMES] + ([f"and {len(lines) - _MAX_NAMES} more"] if len(lines) > _MAX_NAMES else [])


def problems_in_parentheses(pods: tuple[Any, ...]) -> str:
    """Return the problems as a suffix of a sentence; empty if there are none."""
    return f" ({'; '.join(lines)})" if (lines := problems(pods)) else ""


def _problem(pod: Any) -> str | None:
    # Init containers come first: the others only wait for them, and report no more than PodInitializing.
    for container in [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]:
        waiting = container.state and container.state.waiting
        if waiting and not container.ready and waiting.reason != "PodInitializing":
            return f"{waiting.reason} {waiting.message or ''}".strip()
    for condition in pod.status.conditions or []:
        if condition.type in ("PodScheduled", "Ready") and condition.status != "True":
            return f"{condition.reason or 'not ready'} {condition.message or ''}".strip()
    return None


def foreign_pods(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield pods of another owner under the backend's label: they get its traffic and count in its budget."""
    for pod in observation.pods:
        owners = [
            observation.deployment_by_replica_set.get(owner.name, owner.name)
            for owner in pod.metadata.owner_references or []
        ]
        if backend.name not in owners and not pod.metadata.deletion_timestamp:
            yield tagged(
                f"pod {pod.metadata.name} does not belong to Deployment {backend.name}, but carries the label in the "
                "selectors of the Service, the autoscaler and the disruption budget: remove that label from the pod",
                FOREIGN_POD,
            )
