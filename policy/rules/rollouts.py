"""Rollouts: new pods start first, and enough pods stay available."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.amount import is_all, is_zero, pod_count
from policy.known import number
from policy.resource import REPLICATED, Resource
from policy.rule import ADVISORY, MANDATORY, Rule, Subject

_DEPLOYMENT = ("Deployment",)
_DEFAULT = "25%"  # Kubernetes' default for both


def _rolling(resource: Resource, key: str) -> Any:
    value = resource.get("spec", "strategy", "rollingUpdate", key)
    return _DEFAULT if value is None else value


def _recreate(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        yield (
            "spec.strategy.type is Recreate: every rollout stops all pods before it starts one; use RollingUpdate with "
            "maxUnavailable: 0"
        )


def _stops_all(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    value = _rolling(subject.resource, "maxUnavailable")
    pods = 0 if is_all(value) else subject.stack.min_pods(subject.resource)
    if is_all(value) or 0 < pods <= pod_count(value, pods, up=False):
        of = f", of {pods}" if pods else ""
        yield f"spec.strategy.rollingUpdate.maxUnavailable is {value}{of}: a rollout may stop all pods at once; use 0"


def _stops_some(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    value = _rolling(subject.resource, "maxUnavailable")
    if not is_zero(value) and not is_all(value):
        default = (
            "" if subject.get("spec", "strategy", "rollingUpdate", "maxUnavailable") is not None else ", by default"
        )
        yield (
            f"spec.strategy.rollingUpdate.maxUnavailable is {value}{default}: a rollout stops pods under load, rounded "
            "down; use 0"
        )


def _stuck(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    if is_zero(_rolling(subject.resource, "maxUnavailable")) and is_zero(_rolling(subject.resource, "maxSurge")):
        yield (
            "spec.strategy.rollingUpdate: maxUnavailable and maxSurge are both 0, which the API server rejects; use "
            "maxSurge: 25%"
        )


def _deadline(subject: Subject) -> Iterator[str]:
    ready = number(subject.resource.props, "spec", "minReadySeconds", default=0)
    deadline = number(subject.resource.props, "spec", "progressDeadlineSeconds", default=600)
    if ready >= deadline:
        yield (
            f"spec.minReadySeconds is {ready} and spec.progressDeadlineSeconds {deadline}: the API server rejects a "
            f"deadline that is not longer; set progressDeadlineSeconds to {ready + 60}"
        )


def _no_wait(subject: Subject) -> Iterator[str]:
    if number(subject.resource.props, "spec", "minReadySeconds", default=0) == 0:
        yield (
            "spec.minReadySeconds is 0: the rollout continues even if a pod fails right after it was ready; use 5 or "
            "more"
        )


def _single(subject: Subject) -> Iterator[str]:
    workload = subject.resource
    if not subject.stack.scaled_by(workload):  # another rule judges the bounds of a scaler
        replicas = number(workload.props, "spec", "replicas", default=1)
        if replicas == 1:
            value = "unset, so 1," if workload.get("spec", "replicas") is None else "1"
            yield (
                f"spec.replicas is {value} and no autoscaler owns it: the loss of that pod is an outage; use 2 or more"
            )


RULES = (
    Rule(
        "release-rolls",
        MANDATORY,
        "A rollout starts new pods before all old ones have stopped.",
        _DEPLOYMENT,
        _recreate,
    ),
    Rule(
        "release-keeps-some",
        MANDATORY,
        "A rollout does not stop all pods at once.",
        _DEPLOYMENT,
        _stops_all,
        across=True,
    ),
    Rule(
        "release-keeps-all",
        ADVISORY,
        "A rollout stops no pod before a new one is ready.",
        _DEPLOYMENT,
        _stops_some,
    ),
    Rule("release-can-move", MANDATORY, "A rollout may add a pod or stop one.", _DEPLOYMENT, _stuck),
    Rule(
        "release-deadline",
        MANDATORY,
        "The progress deadline is longer than minReadySeconds.",
        _DEPLOYMENT,
        _deadline,
    ),
    Rule(
        "release-waits",
        ADVISORY,
        "A rollout waits before it trusts a new pod.",
        _DEPLOYMENT,
        _no_wait,
    ),
    Rule("pods-several", ADVISORY, "A workload has at least two pods.", REPLICATED, _single, across=True),
)
