"""Autoscalers: their targets, their bounds and their metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.known import Unclear, entries, get, number, text
from policy.resource import REPLICATED, WORKLOADS, all_containers
from policy.rule import ADVISORY, MANDATORY, Parameter, Rule, Subject
from policy.stack import SCALERS, Scaler, together

_KIND = ("HorizontalPodAutoscaler",)


def _single_pod(subject: Subject) -> Iterator[str]:
    minimum = number(subject.resource.props, "spec", "minReplicas", default=1)
    if minimum < 2:
        value = f"{minimum}" if subject.get("spec", "minReplicas") is not None else "unset, so 1"
        yield f"spec.minReplicas is {value}: under low load one pod remains, and its loss is an outage; use 2 or more"


def _no_headroom(subject: Subject) -> Iterator[str]:
    minimum = number(subject.resource.props, "spec", "minReplicas", default=1)
    maximum = number(subject.resource.props, "spec", "maxReplicas", default=0)
    if maximum == minimum:
        yield f"spec.minReplicas and spec.maxReplicas are both {maximum}, so it never scales; raise maxReplicas"
    elif maximum and maximum < minimum:
        yield (
            f"spec.maxReplicas is {maximum}, below spec.minReplicas, {minimum}: the API server rejects it; "
            "raise maxReplicas"
        )


def _metrics(subject: Subject) -> list[Any]:
    """Return the metrics in the form of autoscaling/v2."""
    if (percent := subject.get("spec", "targetCPUUtilizationPercentage")) is not None:
        return [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": percent}}}]
    return subject.resource.entries("spec", "metrics")


def _no_metric(subject: Subject) -> Iterator[str]:
    if not _metrics(subject):
        yield "spec.metrics is unset: Kubernetes then targets 80 % of the CPU request; set the target explicitly"


def _utilization(subject: Subject) -> Iterator[tuple[str, str, int]]:
    """Yield resource, container (empty: all) and percent of each metric that is a share of a pod's request."""
    for metric in _metrics(subject):
        for key in ("resource", "containerResource"):
            source = get(metric, key)
            if source and (percent := get(source, "target", "averageUtilization")) is not None:
                yield text(source, "name"), text(source, "container"), number(percent, default=0)


def _no_request(subject: Subject) -> Iterator[str]:
    scaler, stack = _own(subject), subject.stack
    if scaler is None or any(together(limits, subject.resource) is not False for limits in stack.of("LimitRange")):
        return  # a LimitRange may set requests
    for workload in stack.scaled(scaler) if scaler.kind in REPLICATED else ():
        present = all_containers(workload)
        for resource, only, _ in _utilization(subject):
            measured = [one for one in present if only in ("", text(one.spec, "name"))]
            if not measured:
                yield (
                    f"spec.metrics names the container {only!r}, which the {workload.kind} {workload.name} does not "
                    f"have (it has: {', '.join(text(one.spec, 'name') for one in present)}): it never scales; name one "
                    f"of these"
                )
            for container in measured:
                # A limit alone sets the request too.
                if all(container.get("resources", side, resource) is None for side in ("requests", "limits")):
                    yield (
                        f"spec.metrics targets a share of the {resource} request, and {container.path} of the "
                        f"{workload.kind} {workload.name} has none: it never scales; set resources.requests.{resource}"
                    )


def _too_high(subject: Subject) -> Iterator[str]:
    maximum = subject.parameters["maxPercent"]
    for resource, _, percent in _utilization(subject):
        if percent > maximum:
            yield (
                f"spec.metrics targets {percent} % of {resource}: too little is left to take over the load of a lost "
                f"zone until new pods are ready; use {maximum} or less"
            )


def _all_at_once(subject: Subject) -> Iterator[str]:
    if not subject.get("spec", "behavior", "scaleDown", "policies"):
        yield (
            "spec.behavior.scaleDown has no policies: all surplus pods stop in one step; limit the rate, such as "
            "{type: Percent, value: 10, periodSeconds: 60}"
        )


def _own(subject: Subject) -> Scaler | None:
    return next((one for one in subject.stack.scalers() if one.resource is subject.resource), None)


def _no_target(subject: Subject) -> Iterator[str]:
    scaler, stack = _own(subject), subject.stack
    if scaler is None or scaler.kind not in WORKLOADS or not stack.shows_all(subject.resource, REPLICATED):
        return
    named = [one for one in stack.of(scaler.kind) if together(one, subject.resource) is not False]
    try:
        names = [one.object_name for one in named]
    except Unclear:
        return
    if scaler.target not in names and "" not in names:
        yield (
            f"spec.scaleTargetRef is the {scaler.kind} {scaler.target!r}, which this stack does not create in its "
            f"namespace (it creates: {', '.join(sorted(names)) or 'none'}): it scales nothing; name one of these"
        )


def _second_scaler(subject: Subject) -> Iterator[str]:
    own = _own(subject)
    for other in subject.stack.scalers():
        if (
            own
            and other.resource.urn > own.resource.urn
            and (other.kind, other.target) == (own.kind, own.target)
            and (together(other.resource, own.resource))
        ):
            yield (
                f"it and {other.resource.name} both scale the {own.kind} {own.target!r} to different counts; keep one, "
                "with the metrics of both"
            )


def _also_vertical(subject: Subject) -> Iterator[str]:
    own = _own(subject)
    targeted = {resource for resource, _, _ in _utilization(subject)}
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
        for resource in sorted(controlled & targeted):
            yield (
                f"spec.metrics targets a share of the {resource} request, which the VerticalPodAutoscaler "
                f"{vertical.name} sets: each reverts the other; set its updateMode to Off, or remove {resource} from "
                f"controlledResources"
            )


def _replicas_set(subject: Subject) -> Iterator[str]:
    workload = subject.resource
    if workload.get("spec", "replicas") is None or not (scalers := subject.stack.scaled_by(workload)):
        return
    if workload.ignored is None:
        raise Unclear
    if not {path.replace('["', ".").replace('"]', "") for path in workload.ignored} & {"spec.replicas", "spec", "*"}:
        yield (
            f"spec.replicas is {workload.get('spec', 'replicas')}, and {scalers[0].resource.name} owns the replica "
            f"count: every "
            'update resets it or fails with a conflict; add ignore_changes=["spec.replicas"] to its options'
        )


RULES = (
    Rule("autoscaler-two-pods", MANDATORY, "An autoscaler keeps at least two pods.", _KIND, _single_pod),
    Rule(
        "autoscaler-room", MANDATORY, "An autoscaler can scale: maxReplicas is above minReplicas.", _KIND, _no_headroom
    ),
    Rule("autoscaler-metric", ADVISORY, "An autoscaler sets its target explicitly.", _KIND, _no_metric),
    Rule(
        "autoscaler-request",
        MANDATORY,
        "Pods request every resource that their autoscaler measures.",
        _KIND,
        _no_request,
        across=True,
    ),
    Rule(
        "autoscaler-spare",
        ADVISORY,
        "An autoscaler leaves headroom for the load of a lost zone.",
        _KIND,
        _too_high,
        parameters={
            "maxPercent": Parameter("Highest target in percent of the request.", 80, {"type": "integer", "minimum": 1})
        },
    ),
    Rule("autoscaler-step", ADVISORY, "An autoscaler limits how fast it removes pods.", _KIND, _all_at_once),
    Rule(
        "autoscaler-target",
        MANDATORY,
        "The target of an autoscaler exists.",
        SCALERS,
        _no_target,
        across=True,
    ),
    Rule("autoscaler-alone", MANDATORY, "A workload has at most one autoscaler.", SCALERS, _second_scaler, across=True),
    Rule(
        "autoscaler-no-vertical",
        MANDATORY,
        "No VerticalPodAutoscaler changes the request that another autoscaler measures.",
        _KIND,
        _also_vertical,
        across=True,
    ),
    Rule(
        "autoscaler-owns-number",
        MANDATORY,
        "No update sets a replica count that an autoscaler owns.",
        REPLICATED,
        _replicas_set,
        across=True,
    ),
)
