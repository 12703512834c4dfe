"""How one release becomes the next: new pods first, and enough of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.amount import all_of_them, none, of_pods
from policy.known import number
from policy.resource import REPLICATED, Resource
from policy.rule import ADVISORY, MANDATORY, Rule, Subject

_DEPLOYMENT = ("Deployment",)
_DEFAULT = "25%"  # Kubernetes' own, of both


def _rolling(resource: Resource, key: str) -> Any:
    found = resource.get("spec", "strategy", "rollingUpdate", key)
    return _DEFAULT if found is None else found


def _recreate(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        yield (
            "spec.strategy.type is Recreate: every release ends all pods before it starts one; use RollingUpdate with "
            "maxUnavailable: 0"
        )


def _takes_all(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    value = _rolling(subject.resource, "maxUnavailable")
    pods = 0 if all_of_them(value) else subject.stack.pods(subject.resource)
    if all_of_them(value) or 0 < pods <= of_pods(value, pods, up=False):
        of = f", of {pods}" if pods else ""
        yield f"spec.strategy.rollingUpdate.maxUnavailable is {value}{of}: a release may take all pods at once; use 0"


def _takes_some(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    value = _rolling(subject.resource, "maxUnavailable")
    if not none(value) and not all_of_them(value):
        default = (
            "" if subject.get("spec", "strategy", "rollingUpdate", "maxUnavailable") is not None else ", by default"
        )
        yield (
            f"spec.strategy.rollingUpdate.maxUnavailable is {value}{default}: a release takes pods away under load, rounded "
            "down to whole ones; use 0"
        )


def _stuck(subject: Subject) -> Iterator[str]:
    if subject.get("spec", "strategy", "type") == "Recreate":
        return
    if none(_rolling(subject.resource, "maxUnavailable")) and none(_rolling(subject.resource, "maxSurge")):
        yield (
            "spec.strategy.rollingUpdate: maxUnavailable and maxSurge are both 0, which the API server refuses; use "
            "maxSurge: 25%"
        )


def _deadline(subject: Subject) -> Iterator[str]:
    ready = number(subject.resource.props, "spec", "minReadySeconds", default=0)
    deadline = number(subject.resource.props, "spec", "progressDeadlineSeconds", default=600)
    if ready >= deadline:
        yield (
            f"spec.minReadySeconds is {ready} and spec.progressDeadlineSeconds {deadline}: it must be longer, or the API "
            f"server refuses it; use {ready + 60} for the deadline"
        )


def _at_once(subject: Subject) -> Iterator[str]:
    if number(subject.resource.props, "spec", "minReadySeconds", default=0) == 0:
        yield (
            "spec.minReadySeconds is 0: a pod that fails right after it was ready lets the release go on all the same; use "
            "5 or more"
        )


def _single(subject: Subject) -> Iterator[str]:
    workload = subject.resource
    if not subject.stack.scaled_by(workload):  # a scaler's own bounds are judged with it
        replicas = number(workload.props, "spec", "replicas", default=1)
        if replicas == 1:
            said = "left out, which is 1," if workload.get("spec", "replicas") is None else "1"
            yield f"spec.replicas is {said} and no autoscaler owns it: whatever ends that pod is an outage; use 2 or more"


RULES = (
    Rule(
        "release-rolls", MANDATORY, "A release starts new pods before all old ones have ended.", _DEPLOYMENT, _recreate
    ),
    Rule(
        "release-keeps-some",
        MANDATORY,
        "A release does not take all pods at once.",
        _DEPLOYMENT,
        _takes_all,
        across=True,
    ),
    Rule(
        "release-keeps-all",
        ADVISORY,
        "A release takes no pod away before a new one is ready.",
        _DEPLOYMENT,
        _takes_some,
    ),
    Rule("release-can-move", MANDATORY, "A release may add a pod or take one away.", _DEPLOYMENT, _stuck),
    Rule(
        "release-deadline",
        MANDATORY,
        "A release has longer than a pod needs to count as available.",
        _DEPLOYMENT,
        _deadline,
    ),
    Rule(
        "release-waits",
        ADVISORY,
        "A new pod is watched for a while before the next one is replaced.",
        _DEPLOYMENT,
        _at_once,
    ),
    Rule("pods-several", ADVISORY, "There are two pods or more.", REPLICATED, _single, across=True),
)
