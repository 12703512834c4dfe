"""What a report says, before anybody decides how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drills.measure import Figures, measure
from drills.model import Recording
from drills.verdict import Limits, Tolerance, Verdict, judge


@dataclass(frozen=True)
class Outcome:
    """One subject in one drill: what was recorded, in figures, judged by the drill's limits."""

    recording: Recording
    figures: Figures
    verdict: Verdict

    @property
    def subject(self) -> str:
        """Its name."""
        return self.recording.subject


@dataclass(frozen=True)
class Drill:
    """One drill: ``what`` is broken, ``promise`` which promise that tests. The first outcome is ours, the others are peers'."""

    name: str
    what: str
    promise: str
    limits: Limits
    outcomes: tuple[Outcome, ...]

    @property
    def ours(self) -> Outcome:
        """The outcome that the verdict of the drill is about."""
        return self.outcomes[0]


@dataclass(frozen=True)
class Report:
    """All drills. ``about``: what a reader must know of the run, as (name, value): date, versions, machine, rate."""

    title: str
    about: tuple[tuple[str, str], ...]
    drills: tuple[Drill, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every subject of any drill, ours first, each once."""
        return tuple(dict.fromkeys(outcome.subject for drill in self.drills for outcome in drill.outcomes))

    def statuses(self) -> dict[str, int]:
        """How many drills of ours ended in which status."""
        found = {"kept": 0, "broken": 0, "invalid": 0}
        for drill in self.drills:
            found[drill.ours.verdict.status] += 1
        return found

    def lost(self, subject: str, beside: str | None = None) -> tuple[int, int]:
        """Requests of one subject that failed after a fault, and that were sent, in all its drills.

        With ``beside`` only in those where that one took part too: other sums do not compare.
        """
        figures = [one.figures for drill in self.drills for one in drill.outcomes if one.subject == subject
                   and (beside is None or any(other.subject == beside for other in drill.outcomes))]
        return sum(one.failed for one in figures), sum(one.sent for one in figures)


def drill(name: str, *, what: str, promise: str, limits: Limits, recordings: Sequence[Recording],
          tolerance: Tolerance | None = None) -> Drill:
    """Measures and judges the recordings of one drill, ours first. Raises ValueError where there is none."""
    if not recordings:
        raise ValueError(f"recordings: drill {name} has none; right would be one for each subject, ours first")
    outcomes = []
    for recording in recordings:
        figures = measure(recording)
        outcomes.append(Outcome(recording, figures, judge(figures, limits, tolerance)))
    return Drill(name, what, promise, limits, tuple(outcomes))
