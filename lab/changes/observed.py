"""What a change did, from what was seen of it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.changes import capacity, guarantees
from lab.changes.snapshot import Snapshot
from lab.changes.watching import Moment

# From nothing to the worst, with the words of the table.
NONE, RESTART, LOWER, WEAKER, OUTAGE = "none", "restart", "lower", "weaker", "outage"
ORDER = (NONE, RESTART, LOWER, WEAKER, OUTAGE)


@dataclass(frozen=True)
class Outcome:
    """``effects`` are all that were seen, ``gone`` the kinds of objects that are not there any more, each with their number."""

    effects: frozenset[str]
    reasons: tuple[str, ...]
    gone: Counter[str]
    pods: str
    least: int | None
    """Ready endpoints at the worst moment."""

    @property
    def worst(self) -> str:
        """The worst of its effects."""
        return worst(self.effects)


def worst(effects: frozenset[str] | set[str]) -> str:
    """The worst of some."""
    return max(effects, key=ORDER.index, default=NONE)


def outcome(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Outcome:
    """From the objects before and after, and the moments in between."""
    found = [(OUTAGE, why) for why in _outage(before, moments, after)]
    stayed, new = before.pods.keys() & after.pods.keys(), after.pods.keys() - before.pods.keys()
    replaced = len(before.pods) - len(stayed) if new else 0
    if replaced:
        found.append((RESTART, f"{replaced} of {len(before.pods)} pods replaced"))
    found += [(LOWER, why) for why in (*_dip(before, moments, after), *capacity.lower(before, after))]
    found += [(WEAKER, why) for why in guarantees.weaker(before, after)]
    gone = Counter(kind for uid, kind in before.identities.items() if uid not in after.identities)
    return Outcome(
        frozenset(effect for effect, _ in found),
        tuple(why for _, why in sorted(found, key=lambda one: -ORDER.index(one[0]))),
        gone,
        f"{replaced} of {len(before.pods)}",
        min((len(moment.serving) for moment in moments), default=None),
    )


def _outage(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Iterator[str]:
    served = next((moment for moment in moments if moment.serving), None)
    if served and (without := sum(not moment.serving for moment in moments)):
        yield f"no ready endpoint in {without} of {len(moments)} looks"
    for kind in ("Deployment", "Service"):
        old, new = before.only(kind), after.only(kind)
        if old and (new is None or new["metadata"]["uid"] != old["metadata"]["uid"]):
            yield f"the {kind} is {'gone' if new is None else 'another one'}"
    if moments and (lost := sorted({door for moment in moments for door in moments[0].doors - moment.doors})):
        yield f"nobody answers any more at {', '.join(lost)}"


def _dip(before: Snapshot, moments: Sequence[Moment], after: Snapshot) -> Iterator[str]:
    """Fewer ready endpoints than a rolling restart may leave."""
    deployment = after.only("Deployment")
    if not moments or deployment is None:
        return
    pods = min(len(moments[0].serving), capacity.least(after))
    floor = pods - guarantees.away(deployment["spec"], pods)
    if 0 < (fewest := min(len(moment.serving) for moment in moments)) < floor:
        yield f"{fewest} ready endpoints, and {floor} were to be left"
