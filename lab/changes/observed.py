"""The effects of a change, derived from observations alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.changes import capacity, guarantees
from lab.changes.snapshot import Snapshot
from lab.changes.watching import Moment

# From no effect to the worst.
NONE, RESTART, LOWER, WEAKER, OUTAGE = "none", "restart", "lower", "weaker", "outage"
ORDER = (NONE, RESTART, LOWER, WEAKER, OUTAGE)


@dataclass(frozen=True)
class Outcome:
    """All observed ``effects``, and the number of deleted or replaced objects by kind."""

    effects: frozenset[str]
    reasons: tuple[str, ...]
    deletions: Counter[str]
    replaced: str
    """Pods that were replaced: ``3 of 3``."""
    least_ready: int | None
    """The minimum of ready endpoints; None without an observation."""

    @property
    def worst(self) -> str:
        """Return the worst effect."""
        return worst(self.effects)


def worst(effects: frozenset[str] | set[str]) -> str:
    """Return the worst of some effects."""
    return max(effects, key=ORDER.index, default=NONE)


def outcome(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Outcome:
    """Return the outcome from the objects before and after, and the moments in between."""
    effects = [(OUTAGE, reason) for reason in _outage(before, moments, after)]
    stayed, new = before.pods.keys() & after.pods.keys(), after.pods.keys() - before.pods.keys()
    replaced = len(before.pods) - len(stayed) if new else 0
    if replaced:
        effects.append((RESTART, f"{replaced} of {len(before.pods)} pods replaced"))
    effects += [(LOWER, reason) for reason in (*_dip(before, moments, after), *capacity.lower(before, after))]
    effects += [(WEAKER, reason) for reason in guarantees.weaker(before, after)]
    deletions = Counter(kind for uid, kind in before.identities.items() if uid not in after.identities)
    return Outcome(
        frozenset(effect for effect, _ in effects),
        tuple(reason for _, reason in sorted(effects, key=lambda one: -ORDER.index(one[0]))),
        deletions,
        f"{replaced} of {len(before.pods)}",
        min((len(moment.serving) for moment in moments), default=None),
    )


def _outage(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Iterator[str]:
    served = next((moment for moment in moments if moment.serving), None)
    if served and (without := sum(not moment.serving for moment in moments)):
        yield f"no ready endpoint in {without} of {len(moments)} samples"
    for kind in ("Deployment", "Service"):
        old, new = before.only(kind), after.only(kind)
        if old and (new is None or new["metadata"]["uid"] != old["metadata"]["uid"]):
            yield f"the {kind} is {'deleted' if new is None else 'a new one'}"
    lost = sorted({address for moment in moments for address in moments[0].addresses - moment.addresses})
    if lost:
        yield f"no longer reachable: {', '.join(lost)}"


def _dip(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Iterator[str]:
    """Yield the dip if there were fewer ready endpoints than a rolling restart may leave."""
    deployment = after.only("Deployment")
    if not moments or deployment is None:
        return
    pods = min(len(moments[0].serving), capacity.min_replicas(after))
    floor = pods - guarantees.max_unavailable(deployment["spec"], pods)
    if 0 < (fewest := min(len(moment.serving) for moment in moments)) < floor:
        yield f"{fewest} ready endpoints, expected at least {floor}"
