"""The effects that a change can have on availability, from none to an outage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ops.review.difference import Difference


class Effect(IntEnum):
    """An effect on availability, ordered by severity. 10 plus its number is its exit code."""

    NONE = 0
    RESTART = 1
    LOWER = 2
    WEAKER = 3
    OUTAGE = 4

    @property
    def words(self) -> str:
        """The effect as the review prints it."""
        return _WORDS[self]

    @property
    def word(self) -> str:
        """The effect as a flag takes it: none, restart, lower, weaker or outage."""
        return self.name.lower()


_WORDS = {
    Effect.NONE: "no effect on pods",
    Effect.RESTART: "rolling restart",
    Effect.LOWER: "capacity lower",
    Effect.WEAKER: "guarantee weaker",
    Effect.OUTAGE: "outage",
}


@dataclass(frozen=True)
class Finding:
    """One effect of the change of one resource: the reason, the fields that cause it, and how to avoid it."""

    effect: Effect
    why: str
    fields: tuple[Difference, ...] = ()
    fix: str = ""
