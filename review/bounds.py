"""What scales and what protects pods: autoscalers, disruption budgets, quotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.difference import Difference, less
from review.effect import Effect, Finding


def autoscaler(before: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of a HorizontalPodAutoscaler does to the number of pods."""
    for one in found:
        if one.path in ("spec.minReplicas", "spec.maxReplicas"):
            old, new = (1 if value is None else value for value in (one.before, one.after))
            least = one.path == "spec.minReplicas"
            if less(new, old):
                yield Finding(Effect.LOWER, f"{'at least' if least else 'at most'} {_number(new)} pods, not {_number(old)}",
                              (one,), "" if least else "see that the usual peak stays below it")
            else:
                yield Finding(Effect.NONE, f"{'at least' if least else 'up to'} {_number(new)} pods: more may start", (one,))
    metrics = tuple(one for one in found if one.within("spec.metrics"))
    if metrics:
        raised = any(one.path.rpartition(".")[2] in ("averageUtilization", "averageValue", "value")
                     and less(one.before, one.after) for one in metrics)
        dropped = _names(before) - _names(after)
        if raised or dropped:
            why = "fewer pods for the same load" if raised else "what was measured is not looked at any more"
            yield Finding(Effect.LOWER, why, metrics, "see that the pods that are left carry the load of one that is lost")
        else:
            yield Finding(Effect.NONE, "as many pods as before or more for the same load", metrics)
    if behavior := tuple(one for one in found if one.within("spec.behavior")):
        yield Finding(Effect.NONE, "how fast the number follows the load", behavior)
    if target := tuple(one for one in found if one.within("spec.scaleTargetRef")):
        yield Finding(Effect.WEAKER, "what it scaled keeps its number from now on", target, "see that nothing relies on it")


def budget(before: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of a PodDisruptionBudget lets drains do."""
    if selector := tuple(one for one in found if one.within("spec.selector")):
        yield Finding(Effect.WEAKER, "it protects other pods", selector, "select the Deployment's own pods")
    numbers = tuple(one for one in found if one.within("spec.maxUnavailable", "spec.minAvailable"))
    if not numbers:
        return
    if _spec(after).get("maxUnavailable") in (0, "0", "0%") or _spec(after).get("minAvailable") == "100%":
        yield Finding(Effect.WEAKER, "no pod may ever be evicted: every drain of its nodes waits for ever", numbers,
                      "let at least one pod go")
    elif less(_spec(before).get("maxUnavailable"), _spec(after).get("maxUnavailable")) or less(
            _spec(after).get("minAvailable"), _spec(before).get("minAvailable")):
        yield Finding(Effect.WEAKER, "a drain may take more pods away at a time", numbers)
    elif set(_spec(before)) != set(_spec(after)):
        yield Finding(Effect.WEAKER, "counted in another way: compare both at the number of pods that run", numbers)
    else:
        yield Finding(Effect.NONE, "a drain may take fewer pods away at a time", numbers)


def quota(_: Mapping[str, Any], __: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """A smaller ResourceQuota harms nobody who runs; it refuses who is to come."""
    smaller = tuple(one for one in found if one.within("spec.hard") and (one.before is None or less(one.after, one.before)))
    if smaller:
        yield Finding(Effect.LOWER, "running pods stay, new ones beyond it are refused: scale-out and rollouts too", smaller,
                      "leave room for the largest number of pods and a rollout's surge")
    elif found:
        yield Finding(Effect.NONE, "room for more pods", found)


def _spec(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return inputs.get("spec") or {}


def _names(inputs: Mapping[str, Any]) -> set[str]:
    found = set()
    for metric in _spec(inputs).get("metrics") or ():
        source = metric.get({"Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods",
                             "Object": "object", "External": "external"}.get(metric.get("type", ""), ""), {})
        found.add(f"{metric.get('type')} {source.get('name') or (source.get('metric') or {}).get('name')}")
    return found


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
