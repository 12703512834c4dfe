"""Deployments, and what else keeps pods: whether they restart, get fewer, or are kept less well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from review.difference import Difference, less
from review.effect import Effect, Finding

TEMPLATE = "spec.template"
_POD = f"{TEMPLATE}.spec"
_CONTAINER = f"{_POD}.containers[]"
# What keeps a pod serving, and for how long: to take it away or to shorten it is to promise less.
_KEPT = {f"{_CONTAINER}.readinessProbe": "a pod gets requests before it can answer them",
         f"{_CONTAINER}.livenessProbe": "a pod that hangs is never started again",
         f"{_CONTAINER}.startupProbe": "a slow start is judged by the other probes",
         f"{_CONTAINER}.lifecycle": "a pod ends while load balancers still send it requests",
         f"{_POD}.topologySpreadConstraints": "pods may all be in one place",
         f"{_POD}.affinity": "pods may be placed elsewhere",
         f"{_POD}.priorityClassName": "pods may be evicted for others"}
_SHORTER = {f"{_POD}.terminationGracePeriodSeconds": "a pod has less time to finish its requests",
            f"{_CONTAINER}.lifecycle.preStop.sleep.seconds": "a pod ends sooner after it is told to",
            "spec.minReadySeconds": "a pod counts sooner, also one that is about to fail"}
_SMALLER = (f"{_CONTAINER}.resources.requests", f"{_CONTAINER}.resources.limits")


def workload(before: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of a Deployment, StatefulSet or DaemonSet does."""
    template = tuple(one for one in found if one.within(TEMPLATE))
    recreated = _strategy(after).get("type") == "Recreate"
    if template and recreated:
        yield Finding(Effect.OUTAGE, "all old pods end before the first new one starts", template,
                      "set spec.strategy.type to RollingUpdate")
    elif template:
        yield Finding(Effect.RESTART, "every pod is replaced, a few at a time", template)
    yield from _number(found)
    yield from _manner(before, after, found)
    yield from _kept(found)


def _number(found: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in found:
        if one.path == "spec.replicas" and isinstance(one.before, (int, float)):
            if one.after is None:
                yield Finding(Effect.LOWER, "with no number, and no autoscaler that has set one, it falls back to 1", (one,),
                              "keep the number until an autoscaler has taken it over")
            elif isinstance(one.after, (int, float)) and one.after < one.before:
                outage = one.after < 1
                yield Finding(Effect.OUTAGE if outage else Effect.LOWER,
                              "no pod is left" if outage else f"{one.after:g} pods instead of {one.before:g}", (one,))
    smaller = tuple(one for one in found if one.within(*_SMALLER) and less(one.after, one.before))
    if smaller:
        yield Finding(Effect.LOWER, "each pod may use less", smaller)


def _manner(before: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    changed = tuple(one for one in found if one.within("spec.strategy", "spec.updateStrategy"))
    old, new = _strategy(before), _strategy(after)
    if changed and new.get("type") == "Recreate":
        yield Finding(Effect.WEAKER, "every release ends all pods before it starts one", changed,
                      "set spec.strategy.type to RollingUpdate")
    elif changed and _share(new, "maxUnavailable") > _share(old, "maxUnavailable"):
        yield Finding(Effect.WEAKER, "a release takes more pods away at a time", changed,
                      "set maxUnavailable to 0: new pods are then ready before old ones end")
    elif changed:
        yield Finding(Effect.NONE, "how the next release goes, not this one's pods", changed)


def _kept(found: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in found:
        lost = one.after in (None, [], {}) or (one.path.endswith(".whenUnsatisfiable") and one.after == "ScheduleAnyway")
        why = next((why for path, why in _KEPT.items() if one.within(path)), "")
        if lost and why and one.before is not None:
            yield Finding(Effect.WEAKER, why, (one,), "keep it, or say in the pull request why it is not needed")
        for path, shorter in _SHORTER.items():
            if one.within(path) and less(one.after, one.before):
                yield Finding(Effect.WEAKER, shorter, (one,), "make it as long as before, or shorten what it is the sum of")


def _strategy(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = inputs.get("spec") or {}
    return spec.get("strategy") or spec.get("updateStrategy") or {}


def _share(strategy: Mapping[str, Any], key: str) -> Decimal:
    """Pods in percent; a plain number counts as if there were ten. Kubernetes' own default is 25 %."""
    value = str((strategy.get("rollingUpdate") or {}).get(key, "25%"))
    try:
        return Decimal(value.removesuffix("%")) * (1 if value.endswith("%") else 10)
    except ArithmeticError:
        return Decimal(0)
