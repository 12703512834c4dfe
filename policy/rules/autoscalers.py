"""Autoscalers: what they scale, between which bounds, by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.known import Unclear, entries, get, number, text
from policy.resource import POD_MAKING, REPLICATED, all_containers
from policy.rule import ADVISORY, MANDATORY, Parameter, Rule, Subject
from policy.stack import SCALERS, Scaler, together

_KIND = ("HorizontalPodAutoscaler",)


def _few(subject: Subject) -> Iterator[str]:
    least = number(subject.resource.props, "spec", "minReplicas", default=1)
    if least < 2:
        said = f"{least}" if subject.get("spec", "minReplicas") is not None else "left out, which is 1"
        yield f"spec.minReplicas is {said}: in a quiet hour there is one pod, and whatever ends it is an outage; use 2 or more"


def _no_room(subject: Subject) -> Iterator[str]:
    least = number(subject.resource.props, "spec", "minReplicas", default=1)
    most = number(subject.resource.props, "spec", "maxReplicas", default=0)
    if most == least:
        yield f"spec.minReplicas and spec.maxReplicas are both {most}, so that it never scales; raise maxReplicas"
    elif most and most < least:
        yield f"spec.maxReplicas is {most}, below spec.minReplicas, {least}: the API server refuses it; raise maxReplicas"


def _metrics(subject: Subject) -> list[Any]:
    """The metrics in the form of autoscaling/v2."""
    if (percent := subject.get("spec", "targetCPUUtilizationPercentage")) is not None:
        return [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": percent}}}]
    return subject.resource.entries("spec", "metrics")


def _no_metric(subject: Subject) -> Iterator[str]:
    if not _metrics(subject):
        yield "spec.metrics is left out: Kubernetes then steers to 80 % of the CPU request; say what it is to steer to"


def _utilization(subject: Subject) -> Iterator[tuple[str, str, int]]:
    """Resource, container (empty: all), percent; of the metrics that are a share of what a pod requests."""
    for metric in _metrics(subject):
        for key in ("resource", "containerResource"):
            source = get(metric, key)
            if source and (percent := get(source, "target", "averageUtilization")) is not None:
                yield text(source, "name"), text(source, "container"), number(percent, default=0)


def _no_request(subject: Subject) -> Iterator[str]:
    scaler, stack = _own(subject), subject.stack
    if scaler is None or any(together(limits, subject.resource) is not False for limits in stack.of("LimitRange")):
        return  # a LimitRange may fill requests in
    for workload in stack.scaled(scaler) if scaler.kind in REPLICATED else ():
        found = all_containers(workload)
        for resource, only, _ in _utilization(subject):
            meant = [one for one in found if only in ("", text(one.spec, "name"))]
            if not meant:
                yield (
                    f"spec.metrics asks for the container {only!r}, which the {workload.kind} {workload.name} does not have "
                    f"(it has: {', '.join(text(one.spec, 'name') for one in found)}): it never scales; name one of these"
                )
            for container in meant:
                # A limit alone is the request as well.
                if all(container.get("resources", side, resource) is None for side in ("requests", "limits")):
                    yield (
                        f"spec.metrics steers to a share of the {resource} request, and {container.path} of the "
                        f"{workload.kind} {workload.name} has none: it never scales; set resources.requests.{resource}"
                    )


def _too_high(subject: Subject) -> Iterator[str]:
    most = subject.given["mostPercent"]
    for resource, _, percent in _utilization(subject):
        if percent > most:
            yield (
                f"spec.metrics steers {resource} to {percent} %: too little is left for the load of a zone that is lost, "
                f"until new pods are ready; use {most} or less"
            )


def _all_at_once(subject: Subject) -> Iterator[str]:
    if not subject.get("spec", "behavior", "scaleDown", "policies"):
        yield (
            "spec.behavior.scaleDown has no policies: all pods above the need go in one step; let a share of them go a "
            "minute, such as {type: Percent, value: 10, periodSeconds: 60}"
        )


def _own(subject: Subject) -> Scaler | None:
    return next((one for one in subject.stack.scalers() if one.resource is subject.resource), None)


def _no_target(subject: Subject) -> Iterator[str]:
    scaler, stack = _own(subject), subject.stack
    if scaler is None or scaler.kind not in POD_MAKING or not stack.shows(subject.resource, REPLICATED):
        return
    named = [one for one in stack.of(scaler.kind) if together(one, subject.resource) is not False]
    try:
        there = [one.object_name for one in named]
    except Unclear:
        return
    if scaler.target not in there and "" not in there:
        yield (
            f"spec.scaleTargetRef is the {scaler.kind} {scaler.target!r}, which this stack does not make in its namespace "
            f"(it makes: {', '.join(sorted(there)) or 'none'}): it scales nothing; name one of these"
        )


def _two(subject: Subject) -> Iterator[str]:
    own = _own(subject)
    for other in subject.stack.scalers():
        if (
            own
            and other.resource.urn > own.resource.urn
            and (other.kind, other.target) == (own.kind, own.target)
            and (together(other.resource, own.resource))
        ):
            yield (
                f"it and {other.resource.name} both scale the {own.kind} {own.target!r}, each to its own number; keep one, "
                "with the metrics of both"
            )


def _also_vertical(subject: Subject) -> Iterator[str]:
    own = _own(subject)
    steered = {resource for resource, _, _ in _utilization(subject)}
    for vertical in subject.stack.of("VerticalPodAutoscaler"):
        target = vertical.get("spec", "targetRef")
        same = (
            own is not None
            and together(vertical, own.resource)
            and (get(target, "kind"), get(target, "name")) == (own.kind, own.target)
        )
        if not same or vertical.get("spec", "updatePolicy", "updateMode") == "Off":
            continue
        policies = vertical.entries("spec", "resourcePolicy", "containerPolicies")
        controlled = {
            text(one)
            for policy in policies or [None]
            for one in entries(policy, "controlledResources") or ("cpu", "memory")
        }
        for resource in sorted(controlled & steered):
            yield (
                f"spec.metrics steers to a share of the {resource} request, which the VerticalPodAutoscaler {vertical.name} "
                f"sets: each undoes the other; set its updateMode to Off, or its controlledResources to others"
            )


def _sent(subject: Subject) -> Iterator[str]:
    workload = subject.resource
    if workload.get("spec", "replicas") is None or not (scalers := subject.stack.scaled_by(workload)):
        return
    if workload.ignored is None:
        raise Unclear
    if not {path.replace('["', ".").replace('"]', "") for path in workload.ignored} & {"spec.replicas", "spec", "*"}:
        yield (
            f"spec.replicas is {workload.get('spec', 'replicas')}, and {scalers[0].resource.name} owns the number: every "
            "update "
            'sets it back or fails with a conflict; add ignore_changes=["spec.replicas"] to its options'
        )


RULES = (
    Rule("autoscaler-two-pods", MANDATORY, "An autoscaler keeps two pods or more.", _KIND, _few),
    Rule("autoscaler-room", MANDATORY, "An autoscaler has room to scale.", _KIND, _no_room),
    Rule("autoscaler-metric", ADVISORY, "An autoscaler says what it steers to.", _KIND, _no_metric),
    Rule(
        "autoscaler-request",
        MANDATORY,
        "What an autoscaler steers by is requested by the pods.",
        _KIND,
        _no_request,
        across=True,
    ),
    Rule(
        "autoscaler-spare",
        ADVISORY,
        "An autoscaler leaves room for the load of a lost zone.",
        _KIND,
        _too_high,
        parameters={
            "mostPercent": Parameter("Percent of the request at the most.", 80, {"type": "integer", "minimum": 1})
        },
    ),
    Rule("autoscaler-step", ADVISORY, "An autoscaler takes pods away little by little.", _KIND, _all_at_once),
    Rule(
        "autoscaler-target",
        MANDATORY,
        "An autoscaler scales something that is there.",
        SCALERS,
        _no_target,
        across=True,
    ),
    Rule("autoscaler-alone", MANDATORY, "One thing has one autoscaler.", SCALERS, _two, across=True),
    Rule(
        "autoscaler-no-vertical",
        MANDATORY,
        "No other autoscaler changes the request that one steers by.",
        _KIND,
        _also_vertical,
        across=True,
    ),
    Rule(
        "autoscaler-owns-number",
        MANDATORY,
        "No update sets a number of pods that an autoscaler owns.",
        REPLICATED,
        _sent,
        across=True,
    ),
)
