"""What bounds the number of pods: autoscalers and quotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.context import Around, Inputs, spec
from ops.review.difference import Difference, less
from ops.review.effect import Effect, Finding

_REFUSED = "running pods stay, new ones beyond it are refused: scale-out and rollouts too"
_ROOM = "leave room for the largest number of pods and a rollout's surge"


def autoscaler(before: Inputs, after: Inputs, found: tuple[Difference, ...], _: Around) -> Iterator[Finding]:
    """What an update of a HorizontalPodAutoscaler does to the number of pods."""
    for one in found:
        if one.path in ("spec.minReplicas", "spec.maxReplicas"):
            old, new = (1 if value is None else value for value in (one.before, one.after))
            least = one.path == "spec.minReplicas"
            if less(new, old):
                yield Finding(
                    Effect.LOWER,
                    f"{'at least' if least else 'at most'} {_number(new)} pods, not {_number(old)}",
                    (one,),
                    "" if least else "see that the usual peak stays below it",
                )
            else:
                yield Finding(
                    Effect.NONE, f"{'at least' if least else 'up to'} {_number(new)} pods: more may start", (one,)
                )
    metrics = tuple(one for one in found if one.within("spec.metrics"))
    if metrics:
        old, new = _targets(before), _targets(after)
        raised, dropped = any(less(old[name], new[name]) for name in old.keys() & new.keys()), old.keys() - new.keys()
        if raised or dropped:
            why = "fewer pods for the same load" if raised else "what was measured is not looked at any more"
            yield Finding(
                Effect.LOWER, why, metrics, "see that the pods that are left carry the load of one that is lost"
            )
        else:
            yield Finding(Effect.NONE, "as many pods as before or more for the same load", metrics)
    if behavior := tuple(one for one in found if one.within("spec.behavior")):
        yield Finding(Effect.NONE, "how fast the number follows the load", behavior)
    if target := tuple(one for one in found if one.within("spec.scaleTargetRef")):
        yield Finding(
            Effect.WEAKER, "what it scaled keeps its number from now on", target, "see that nothing relies on it"
        )


def autoscaler_made(scaler: Inputs, around: Around) -> Iterator[Finding]:
    """A new autoscaler may take pods away from a Deployment that runs."""
    had, least, most = _had(scaler, around), spec(scaler).get("minReplicas", 1), spec(scaler).get("maxReplicas")
    if less(least, had) or less(most, had):
        yield Finding(
            Effect.LOWER,
            f"from {_number(least)} to {_number(most)} pods, and there were {_number(had)}",
            fix=f"set minReplicas to {_number(had)}",
        )


def autoscaler_gone(scaler: Inputs, around: Around) -> Iterator[Finding]:
    """Without it the number is what the Deployment says."""
    target = spec(scaler).get("scaleTargetRef") or {}
    scaled = around.named(scaler, str(target.get("kind")), target.get("name"))
    left, least = spec(scaled.after).get("replicas", 1) if scaled else None, spec(scaler).get("minReplicas", 1)
    if less(left, least):
        yield Finding(Effect.LOWER, f"{_number(left)} pods from then on, not {_number(least)} or more")


def _had(scaler: Inputs, around: Around) -> Any:
    target = spec(scaler).get("scaleTargetRef") or {}
    scaled = around.named(scaler, str(target.get("kind")), target.get("name"))
    return spec(scaled.before).get("replicas", 1) if scaled else None


def quota(_: Inputs, __: Inputs, found: tuple[Difference, ...], ___: Around) -> Iterator[Finding]:
    """A smaller ResourceQuota harms nobody who runs; it refuses who is to come."""
    smaller = tuple(
        one for one in found if one.within("spec.hard") and (one.before is None or less(one.after, one.before))
    )
    if smaller:
        yield Finding(Effect.LOWER, _REFUSED, smaller, _ROOM)
    elif found:
        yield Finding(Effect.NONE, "room for more pods", found)


def quota_made(quota: Inputs, around: Around) -> Iterator[Finding]:
    """A new one bounds what runs already."""
    if around.blind or around.running(quota):
        yield Finding(Effect.LOWER, _REFUSED, fix=_ROOM)


def _targets(inputs: Inputs) -> dict[str, Any]:
    """What an autoscaler steers to, by the metric and how it is counted."""
    found: dict[str, Any] = {}
    for metric in spec(inputs).get("metrics") or ():
        for source in (value for value in metric.values() if isinstance(value, Mapping)):
            name = source.get("name") or (source.get("metric") or {}).get("name")
            found |= {
                f"{metric.get('type')} {name} {key}": value
                for key, value in (source.get("target") or {}).items()
                if key != "type"
            }
    return found


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
