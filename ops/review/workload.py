"""Deployments, and what else keeps pods: whether they restart, get fewer, or are kept less well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ops.review import probes
from ops.review.context import Around, Inputs
from ops.review.difference import Difference, less
from ops.review.effect import Effect, Finding

TEMPLATE = "spec.template"
_POD = f"{TEMPLATE}.spec"
_CONTAINER, _FIRST = f"{_POD}.containers[]", f"{_POD}.initContainers[]"
# What keeps a pod serving, and for how long: to take it away or to shorten it is to promise less.
_KEPT = {
    f"{_CONTAINER}.readinessProbe": "a pod gets requests before it can answer them",
    f"{_CONTAINER}.livenessProbe": "a pod that hangs is never started again",
    f"{_CONTAINER}.startupProbe": "a slow start is judged by the other probes",
    f"{_CONTAINER}.lifecycle": "a pod ends while load balancers still send it requests",
    f"{_FIRST}.readinessProbe": "a pod gets requests before its sidecar can do its part",
    f"{_FIRST}.livenessProbe": "a sidecar that hangs is never started again",
    f"{_FIRST}.startupProbe": "the backend no longer waits for its sidecar to have started",
    f"{_FIRST}.restartPolicy": "a container that ran beside the backend must now end before it starts",
    f"{_POD}.topologySpreadConstraints": "pods may all be in one place",
    f"{_POD}.affinity": "pods may be placed elsewhere",
    f"{_POD}.priorityClassName": "pods may be evicted for others",
}
_SHORTER = {
    f"{_POD}.terminationGracePeriodSeconds": "a pod has less time to finish its requests",
    f"{_CONTAINER}.lifecycle.preStop.sleep.seconds": "a pod ends sooner after it is told to",
    "spec.minReadySeconds": "a pod counts sooner, also one that is about to fail",
}
_SMALLER = tuple(f"{one}.resources.{side}" for one in (_CONTAINER, _FIRST) for side in ("requests", "limits"))
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_FEWER = (
    f"{_POD}.nodeSelector",
    *(f"{_POD}.affinity.{kind}.{_REQUIRED}" for kind in ("nodeAffinity", "podAffinity", "podAntiAffinity")),
)
_BOUND, _FOR_EVER = (
    300,
    10**9,
)  # seconds that a pod is bound to a lost node: where it says nothing, and where it names none


def workload(before: Inputs, after: Inputs, found: tuple[Difference, ...], _: Around) -> Iterator[Finding]:
    """What an update of a Deployment, StatefulSet or DaemonSet does."""
    if template := tuple(one for one in found if one.within(TEMPLATE)):
        yield _restarted(after, template)
    yield from _number(found)
    yield from _manner(before, after, found)
    yield from _kept(found)
    yield from probes.slower(before, after, found)


def _restarted(after: Inputs, template: tuple[Difference, ...]) -> Finding:
    strategy = _strategy(after)
    if strategy.get("type") == "Recreate":
        return Finding(
            Effect.OUTAGE,
            "all old pods end before the first new one starts",
            template,
            "set spec.strategy.type to RollingUpdate",
        )
    if strategy.get("type") == "OnDelete":
        return Finding(Effect.NONE, "for pods that somebody deletes from now on", template)
    pods = (after.get("spec") or {}).get("replicas")
    away = (strategy.get("rollingUpdate") or {}).get("maxUnavailable")
    if away == "100%" or (isinstance(away, (int, float)) and isinstance(pods, (int, float)) and 0 < pods <= away):
        return Finding(Effect.OUTAGE, f"maxUnavailable ({away}) lets all pods go at once", template, "set it to 0")
    return Finding(Effect.RESTART, "every pod is replaced, a few at a time", template)


def _number(found: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in found:
        if one.path == "spec.replicas" and isinstance(one.before, (int, float)):
            if one.after is None and one.before > 1:
                yield Finding(
                    Effect.LOWER,
                    "with no number, and no autoscaler that has set one, it falls back to 1",
                    (one,),
                    "keep the number until an autoscaler has taken it over",
                )
            elif isinstance(one.after, (int, float)) and one.after < one.before:
                outage = one.after < 1
                yield Finding(
                    Effect.OUTAGE if outage else Effect.LOWER,
                    "no pod is left" if outage else f"{one.after:g} pods instead of {one.before:g}",
                    (one,),
                )
    smaller = tuple(one for one in found if one.within(*_SMALLER) and less(one.after, one.before))
    if smaller:
        yield Finding(Effect.LOWER, "each pod may use less", smaller)


def _manner(before: Inputs, after: Inputs, found: tuple[Difference, ...]) -> Iterator[Finding]:
    changed = tuple(one for one in found if one.within("spec.strategy", "spec.updateStrategy"))
    old, new = _strategy(before), _strategy(after)
    if changed and new.get("type") == "Recreate":
        yield Finding(
            Effect.WEAKER,
            "every release ends all pods before it starts one",
            changed,
            "set spec.strategy.type to RollingUpdate",
        )
    elif changed and _share(new, "maxUnavailable") > _share(old, "maxUnavailable"):
        yield Finding(
            Effect.WEAKER,
            "a release takes more pods away at a time",
            changed,
            "set maxUnavailable to 0: new pods are then ready before old ones end",
        )
    elif changed:
        yield Finding(Effect.NONE, "how the next release goes, not this one's pods", changed)


def _kept(found: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in found:
        lost = one.after in (None, [], {}) or (
            one.path.endswith(".whenUnsatisfiable") and one.after == "ScheduleAnyway"
        )
        why = next((why for path, why in _KEPT.items() if one.within(path)), "")
        if lost and why and one.before is not None:
            yield Finding(Effect.WEAKER, why, (one,), "keep it, or say in the pull request why it is not needed")
        if one.within(*_FEWER) and one.after not in (None, [], {}):
            yield Finding(
                Effect.WEAKER, "pods may be put on fewer nodes", (one,), "see that enough of them are left in each zone"
            )
        if _bound(one):
            yield Finding(Effect.WEAKER, "pods of a lost node are replaced later", (one,), "keep it as short as it was")
        for path, shorter in _SHORTER.items():
            if one.within(path) and less(one.after, one.before):
                yield Finding(
                    Effect.WEAKER, shorter, (one,), "make it as long as before, or shorten what it is the sum of"
                )


def _bound(one: Difference) -> bool:
    """Whether pods stay longer on a node that is lost: a whole toleration, or its seconds."""

    def seconds(value: Any) -> Any:
        if isinstance(value, Mapping):
            return value.get("tolerationSeconds", _FOR_EVER) if value.get("effect") == "NoExecute" else _BOUND
        return _BOUND if value is None else value

    return (
        one.within(f"{_POD}.tolerations[]")
        and one.path.endswith(("]", ".tolerationSeconds"))
        and less(seconds(one.before), seconds(one.after))
    )


def _strategy(inputs: Inputs) -> Mapping[str, Any]:
    spec = inputs.get("spec") or {}
    return spec.get("strategy") or spec.get("updateStrategy") or {}


def _share(strategy: Mapping[str, Any], key: str) -> Decimal:
    """Pods in percent; a plain number counts as if there were ten. Kubernetes' own default is 25 %."""
    value = str((strategy.get("rollingUpdate") or {}).get(key, "25%"))
    try:
        return Decimal(value.removesuffix("%")) * (1 if value.endswith("%") else 10)
    except ArithmeticError:
        return Decimal(0)
