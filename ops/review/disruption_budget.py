"""PodDisruptionBudgets: how many pods a drain may evict at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ops.review.context import Inputs, ReviewContext, spec
from ops.review.difference import Difference, less
from ops.review.effect import Effect, Finding

_UNITS = ("maxUnavailable", "minAvailable")


def budget(before: Inputs, after: Inputs, changes: tuple[Difference, ...], context: ReviewContext) -> Iterator[Finding]:
    """Yield what an update of a PodDisruptionBudget allows drains to do."""
    if selector := tuple(one for one in changes if one.within("spec.selector")):
        yield Finding(Effect.WEAKER, "it protects other pods", selector, "select the Deployment's own pods")
    limits = tuple(one for one in changes if one.within("spec.maxUnavailable", "spec.minAvailable"))
    if not limits:
        return
    old, new = ({key: spec(inputs)[key] for key in _UNITS if key in spec(inputs)} for inputs in (before, after))
    counts = [(pods, _evictable(old, pods), _evictable(new, pods)) for pods in sorted(context.replica_counts(after))]
    more = next((count for count in counts if None not in count and less(count[1], count[2])), None)
    if (
        new.get("maxUnavailable") in (0, "0", "0%")
        or new.get("minAvailable") == "100%"
        or (counts and all(now == 0 for _, _, now in counts))
    ):
        yield Finding(
            Effect.WEAKER,
            "no pod may ever be evicted: every drain of its nodes waits forever",
            limits,
            "allow at least one eviction",
        )
    elif more:
        yield Finding(Effect.WEAKER, f"of {more[0]} pods a drain may evict {more[2]} at a time, not {more[1]}", limits)
    elif not counts and _not_comparable(old, new):
        yield Finding(Effect.WEAKER, "the unit changes: compare both limits at your replica count", limits)
    elif not counts and (
        less(old.get("maxUnavailable"), new.get("maxUnavailable"))
        or less(new.get("minAvailable"), old.get("minAvailable"))
    ):
        yield Finding(Effect.WEAKER, "a drain may evict more pods at a time", limits)
    else:
        yield Finding(Effect.NONE, "a drain may evict at most as many pods at a time as before", limits)


def _evictable(limits: dict[str, Any], pods: int) -> int | None:
    """Return how many of so many pods may be evicted, or None if that is unknown. Kubernetes rounds percentages up."""
    try:
        amounts = {
            key: math.ceil(float(value[:-1]) * pods / 100) if _percent(value) else int(value)
            for key, value in limits.items()
        }
    except (TypeError, ValueError):
        return None
    if "maxUnavailable" in amounts:
        return min(pods, amounts["maxUnavailable"])
    return max(0, pods - amounts.get("minAvailable", 0))


def _not_comparable(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return old.keys() != new.keys() or any(_percent(old[key]) != _percent(new[key]) for key in old)


def _percent(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("%")
