"""The content of a report, independent of its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.drills.drill import Drill
from lab.drills.measure import Figures
from lab.drills.model import Recording
from lab.drills.verdict import Limits, Status, Verdict, judge

if TYPE_CHECKING:
    from lab.drills.run import Result


@dataclass(frozen=True)
class Outcome:
    """One subject in one drill. A baseline has no ``verdict``, and its ``limits`` are empty."""

    title: str
    under_test: bool
    recording: Recording
    figures: Figures
    limits: Limits
    verdict: Verdict | None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Return why its figures are inconclusive, if they are. Baselines are measured as strictly."""
        return (self.verdict or judge(self.figures, Limits())).doubts


@dataclass(frozen=True)
class Failed:
    """A drill that could not be carried out."""

    drill: Drill
    reason: str


@dataclass(frozen=True)
class Skipped:
    """A drill that was skipped."""

    name: str
    reason: str


@dataclass(frozen=True)
class Section:
    """One drill of a report. ``failed`` says why it could not be carried out; ``remark`` adds context."""

    name: str
    title: str
    promise: str
    outcomes: tuple[Outcome, ...]
    failed: str = ""
    remark: str = ""

    @property
    def under_test(self) -> tuple[Outcome, ...]:
        """Return the outcomes that decide the status."""
        return tuple(one for one in self.outcomes if one.under_test)

    @property
    def baselines(self) -> dict[str, Outcome]:
        """Return the outcomes of the baselines by title."""
        return {one.title: one for one in self.outcomes if not one.under_test}

    @property
    def status(self) -> Status:
        """Return the worst verdict. "broken" if not carried out; "invalid" if nothing was judged."""
        statuses = {one.verdict.status if one.verdict else "invalid" for one in self.under_test}
        if self.failed or "broken" in statuses:
            return "broken"
        return "kept" if statuses == {"kept"} else "invalid"


@dataclass(frozen=True)
class Report:
    """All drills of a run. ``about`` describes the run as (name, value): date, versions, machine, rate."""

    title: str
    about: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def baselines(self) -> tuple[str, ...]:
        """Return the titles of all baselines, each once."""
        return tuple(dict.fromkeys(title for section in self.sections for title in section.baselines))

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the titles of all subjects, verified backends first."""
        return (*dict.fromkeys(one.title for section in self.sections for one in section.under_test), *self.baselines)

    @property
    def kept(self) -> bool:
        """Report whether there were drills, and all of them kept their promise."""
        return bool(self.sections) and all(section.status == "kept" for section in self.sections)

    def statuses(self) -> dict[str, int]:
        """Return how many drills ended in each status."""
        counts = {"kept": 0, "broken": 0, "invalid": 0}
        for section in self.sections:
            counts[section.status] += 1
        return counts

    def lost(self, subject: str) -> tuple[int, int, int]:
        """Return a subject's failed requests after a fault, its sent requests, and the number of its drills."""
        figures = [one.figures for section in self.sections for one in section.outcomes if one.title == subject]
        return sum(one.failed for one in figures), sum(one.sent for one in figures), len(figures)


def build_report(
    results: Sequence[Sequence[Result] | Failed],
    about: Sequence[tuple[str, str]],
    title: str,
    *,
    skipped: Sequence[Skipped] = (),
    remarks: Mapping[str, str] | None = None,
) -> Report:
    """Return the report of drills in their order.

    ``remarks`` are by drill name.
    """
    return Report(
        title,
        tuple(about),
        tuple(section(one, remarks) for one in results if isinstance(one, Failed) or one),
        tuple(skipped),
    )


def section(result: Sequence[Result] | Failed, remarks: Mapping[str, str] | None = None) -> Section:
    """Return the section of one drill."""
    drill = result.drill if isinstance(result, Failed) else result[0].drill
    outcomes = (
        []
        if isinstance(result, Failed)
        else [
            Outcome(one.backend.title, one.backend.under_test, one.recording, one.figures, one.limits, one.verdict)
            for one in result
        ]
    )
    outcomes.sort(key=lambda one: not one.under_test)  # verified backends first, otherwise in their order
    return Section(
        drill.name,
        drill.title,
        drill.promise,
        tuple(outcomes),
        result.reason if isinstance(result, Failed) else "",
        (remarks or {}).get(drill.name, ""),
    )
