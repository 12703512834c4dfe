"""What a change can do to availability, from nothing to an outage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ops.review.difference import Difference


class Effect(IntEnum):
    """In the order of their severity. The number is added to 10 for the exit code."""

    NONE = 0
    RESTART = 1
    LOWER = 2
    WEAKER = 3
    OUTAGE = 4

    @property
    def words(self) -> str:
        """For people."""
        return _WORDS[self]

    @property
    def word(self) -> str:
        """For a flag: none, restart, lower, weaker, outage."""
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
    """One effect of one resource's change: because of which fields, in one sentence, and what would avoid it."""

    effect: Effect
    why: str
    fields: tuple[Difference, ...] = ()
    fix: str = ""
