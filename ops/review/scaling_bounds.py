"""HorizontalPodAutoscalers and ResourceQuotas: the bounds of the replica count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.context import Inputs, ReviewContext, spec
from ops.review.difference import Difference, less
from ops.review.effect import Effect, Finding

_REJECTED = "running pods stay, and new ones above it are rejected: scale-out and rollouts too"
_HEADROOM = "leave headroom for maxReplicas and the surge of a rollout"


def autoscaler(before: Inputs, after: Inputs, changes: tuple[Difference, ...], _: ReviewContext) -> Iterator[Finding]:
    """Yield what an update of a HorizontalPodAutoscaler does to the replica count."""
    for one in changes:
        if one.path in ("spec.minReplicas", "spec.maxReplicas"):
            old, new = (1 if value is None else value for value in (one.before, one.after))
            minimum = one.path == "spec.minReplicas"
            if less(new, old):
                yield Finding(
                    Effect.LOWER,
                    f"{'at least' if minimum else 'at most'} {_number(new)} pods, not {_number(old)}",
                    (one,),
                    "" if minimum else "check that the usual peak stays below it",
                )
            else:
                yield Finding(
                    Effect.NONE, f"{'at least' if minimum else 'up to'} {_number(new)} pods: more may start", (one,)
                )
    metrics = tuple(one for one in changes if one.within("spec.metrics"))
    if metrics:
        old, new = _targets(before), _targets(after)
        raised, dropped = any(less(old[name], new[name]) for name in old.keys() & new.keys()), old.keys() - new.keys()
        if raised or dropped:
            why = "fewer pods for the same load" if raised else "a metric is no longer watched"
            yield Finding(
                Effect.LOWER, why, metrics, "check that the remaining pods can carry the load of one that is lost"
            )
        else:
            yield Finding(Effect.NONE, "at least as many pods as before for the same load", metrics)
    if behavior := tuple(one for one in changes if one.within("spec.behavior")):
        yield Finding(Effect.NONE, "how fast the replica count follows the load", behavior)
    if target := tuple(one for one in changes if one.within("spec.scaleTargetRef")):
        yield Finding(
            Effect.WEAKER, "its former target keeps its replica count", target, "check that nothing relies on it"
        )


def autoscaler_created(scaler: Inputs, context: ReviewContext) -> Iterator[Finding]:
    """Yield a finding if a new autoscaler may remove pods from a running Deployment."""
    running, minimum = _replicas_before(scaler, context), spec(scaler).get("minReplicas", 1)
    maximum = spec(scaler).get("maxReplicas")
    if less(minimum, running) or less(maximum, running):
        yield Finding(
            Effect.LOWER,
            f"from {_number(minimum)} to {_number(maximum)} pods, and {_number(running)} run now",
            fix=f"set minReplicas to {_number(running)}",
        )


def autoscaler_deleted(scaler: Inputs, context: ReviewContext) -> Iterator[Finding]:
    """Yield a finding if the Deployment's own replica count is lower than the deleted autoscaler's minimum."""
    target = spec(scaler).get("scaleTargetRef") or {}
    workload = context.named(scaler, str(target.get("kind")), target.get("name"))
    replicas, minimum = (
        spec(workload.after).get("replicas", 1) if workload else None,
        spec(scaler).get("minReplicas", 1),
    )
    if less(replicas, minimum):
        yield Finding(Effect.LOWER, f"{_number(replicas)} pods from then on, not at least {_number(minimum)}")


def _replicas_before(scaler: Inputs, context: ReviewContext) -> Any:
    target = spec(scaler).get("scaleTargetRef") or {}
    workload = context.named(scaler, str(target.get("kind")), target.get("name"))
    return spec(workload.before).get("replicas", 1) if workload else None


def quota(_: Inputs, __: Inputs, changes: tuple[Difference, ...], ___: ReviewContext) -> Iterator[Finding]:
    """Yield what an update of a ResourceQuota rejects. Running pods are never affected."""
    smaller = tuple(
        one for one in changes if one.within("spec.hard") and (one.before is None or less(one.after, one.before))
    )
    if smaller:
        yield Finding(Effect.LOWER, _REJECTED, smaller, _HEADROOM)
    elif changes:
        yield Finding(Effect.NONE, "capacity for more pods", changes)


def quota_created(quota: Inputs, context: ReviewContext) -> Iterator[Finding]:
    """Yield a finding if a new ResourceQuota limits workloads that already run."""
    if context.may_hide_workloads or context.running(quota):
        yield Finding(Effect.LOWER, _REJECTED, fix=_HEADROOM)


def _targets(inputs: Inputs) -> dict[str, Any]:
    """Return the target values of an autoscaler, by metric and unit."""
    targets: dict[str, Any] = {}
    for metric in spec(inputs).get("metrics") or ():
        for source in (value for value in metric.values() if isinstance(value, Mapping)):
            name = source.get("name") or (source.get("metric") or {}).get("name")
            targets |= {
                f"{metric.get('type')} {name} {key}": value
                for key, value in (source.get("target") or {}).items()
                if key != "type"
            }
    return targets


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
