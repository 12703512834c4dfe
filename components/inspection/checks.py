"""Whether what is observed is what the settings promise: pure, so that every way to fail can be tried without a cluster."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..availability import capacity
from ..settings import BackendSettings
from ..settings.well_known import CONTAINER
from . import ingress
from .observation import Observation

_AGAIN = "a refresh puts it right (make up ARGS=--refresh, or pulumi up --refresh)"


def findings(backend: BackendSettings, seen: Observation) -> list[str]:
    """Everything for which the promise is not true at this moment, each in one line; empty when it is true."""
    return [
        *_deployment(backend, seen),
        *_autoscaler(backend, seen),
        *_two_autoscalers(backend, seen),
        *_budget(backend, seen),
        *_service(backend, seen),
        *ingress.findings(backend, seen),
        *_spread(backend, seen),
        *_strangers(backend, seen),
    ]


def _deployment(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    if seen.deployment is None:
        yield f"Deployment {backend.name} is not there: {_AGAIN}"
        return
    wanted, status = seen.deployment.spec.replicas, seen.deployment.status
    if not backend.autoscaling.enabled and wanted != backend.replicas:
        yield f"Deployment {backend.name} is set to {wanted} pods, and the settings say {backend.replicas}: {_AGAIN}"
    if wanted < backend.replicas and backend.autoscaling.enabled:
        yield f"Deployment {backend.name} is set to {wanted} pods, fewer than the autoscaler's least ({backend.replicas})"
    needed = backend.replicas if backend.autoscaling.enabled else wanted  # what it is just adding may still start
    if (status.updated_replicas or 0) < needed or (status.available_replicas or 0) < needed:
        yield (
            f"Deployment {backend.name} has {status.available_replicas or 0} of {needed} pods available, "
            f"{status.updated_replicas or 0} of them of this release{_why(seen.pods)}"
        )


def troubles(pods: tuple[Any, ...]) -> list[str]:
    """Pods that are not ready, each with its reason; three are enough to see what is wrong."""
    found = [f"pod {pod.metadata.name}: {reason}" for pod in pods if (reason := _trouble(pod))]
    return found[:3] + ([f"and {len(found) - 3} more"] if len(found) > 3 else [])


def _why(pods: tuple[Any, ...]) -> str:
    return f" ({'; '.join(reasons)})" if (reasons := troubles(pods)) else ""


def _trouble(pod: Any) -> str | None:
    # Those that start first are told first: the others only wait for them, and say no more than PodInitializing.
    for container in [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]:
        waiting = container.state and container.state.waiting
        if waiting and not container.ready and waiting.reason != "PodInitializing":
            return f"{waiting.reason} {waiting.message or ''}".strip()
    for condition in pod.status.conditions or []:
        if condition.type in ("PodScheduled", "Ready") and condition.status != "True":
            return f"{condition.reason or 'not ready'} {condition.message or ''}".strip()
    return None


def _autoscaler(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    if not backend.autoscaling.enabled:
        return
    if seen.autoscaler is None:
        yield f"HorizontalPodAutoscaler {backend.name} is not there: {_AGAIN}"
        return
    bounds = (seen.autoscaler.spec.min_replicas, seen.autoscaler.spec.max_replicas)
    if bounds != (backend.replicas, backend.max_replicas):
        yield (
            f"HorizontalPodAutoscaler {backend.name} goes from {bounds[0]} to {bounds[1]} pods, and the settings say "
            f"{backend.replicas} to {backend.max_replicas}: {_AGAIN}"
        )
    for condition in seen.autoscaler.status.conditions or []:
        if condition.type in ("ScalingActive", "AbleToScale") and condition.status != "True":
            yield (
                f"HorizontalPodAutoscaler {backend.name} cannot scale: {condition.type} is {condition.status} "
                f"({condition.reason}: {condition.message})"
            )


def _two_autoscalers(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    """One that changes what the other divides by: they chase one another."""
    if not backend.autoscaling.enabled:
        return
    for other in seen.vertical:
        spec = other.get("spec") or {}
        mode = (spec.get("updatePolicy") or {}).get("updateMode", "Auto")
        target = spec.get("targetRef") or {}
        if (
            (target.get("kind"), target.get("name")) == ("Deployment", backend.name)
            and mode != "Off"
            and _both(backend, spec)
        ):
            yield (
                f"VerticalPodAutoscaler {other['metadata']['name']} changes the requests that the HorizontalPodAutoscaler "
                "measures by: set its updateMode to Off"
            )


def _both(backend: BackendSettings, spec: dict[str, Any]) -> bool:
    """Whether it sets a request that the autoscaler measures by."""
    scaling = backend.autoscaling
    measured = {name for name, target in (("cpu", scaling.cpu_percent), ("memory", scaling.memory_percent)) if target}
    policies = (spec.get("resourcePolicy") or {}).get("containerPolicies") or []
    named = {policy.get("containerName"): policy for policy in policies}
    own = named.get(CONTAINER) or named.get("*") or {}
    return own.get("mode") != "Off" and bool(measured & set(own.get("controlledResources") or ("cpu", "memory")))


def _budget(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    if seen.budget is None:
        yield f"PodDisruptionBudget {backend.name} is not there: {_AGAIN}"
        return
    status = seen.budget.status
    if not status.expected_pods:
        yield f"PodDisruptionBudget {backend.name} selects no pod: a drain may take all of them at once"
    elif status.desired_healthy >= status.expected_pods:
        yield (
            f"PodDisruptionBudget {backend.name} allows no disruption, ever ({status.desired_healthy} of "
            f"{status.expected_pods} pods must stay): node upgrades would hang"
        )


def _service(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    if seen.service is None:
        yield f"Service {backend.name} is not there: {_AGAIN}"
    elif not seen.endpoints:
        yield f"Service {backend.name} has no ready endpoint: every request fails{_why(seen.pods)}"
    elif len(seen.endpoints) < backend.replicas:
        yield (
            f"Service {backend.name} has {len(seen.endpoints)} ready endpoints, fewer than "
            f"{backend.replicas}{_why(seen.pods)}"
        )


def _spread(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    """Where more is to be survived than a pod: not all in one place, and enough left to carry the load."""
    if backend.survive == "pod" or len(seen.endpoints) < 2:
        return
    advice = "make room there, then replace the pods (kubectl rollout restart)"
    zones = Counter(endpoint.zone for endpoint in seen.endpoints)
    hosts = Counter(endpoint.node_name for endpoint in seen.endpoints)
    for kind, places, usable in (("zone", zones, seen.zones), ("node", hosts, seen.nodes)):
        fullest, count = places.most_common(1)[0]
        others = sorted(usable - {fullest})
        if not others:
            continue
        if len(places) == 1:
            yield f"all {count} pods are in {kind} {fullest}, though {', '.join(others[:5])} take pods too: {advice}"
            return
        pods = len(seen.endpoints)
        even = math.ceil(pods / len(usable | set(places)))
        if kind == backend.survive and count > even and not capacity.carried(backend, pods, pods - count):
            yield (
                f"{count} of {pods} pods are in {kind} {fullest}: without it the rest could not carry the "
                f"load, though {', '.join(others[:5])} take pods too: {advice}"
            )


def _strangers(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    """Pods of somebody else under our label would get our traffic and count in our budget."""
    for pod in seen.pods:
        owners = [seen.owners.get(owner.name, owner.name) for owner in pod.metadata.owner_references or []]
        if backend.name not in owners and not pod.metadata.deletion_timestamp:
            yield (
                f"pod {pod.metadata.name} is not of Deployment {backend.name}, and carries the label that the Service, the "
                "autoscaler and the budget select by: take that label off it"
            )
