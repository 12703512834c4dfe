"""What a report says, before anybody decides how it looks."""

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
    """One subject in one drill. ``verdict`` is None where nobody promised anything: then ``limits`` are empty too."""

    title: str
    ours: bool
    recording: Recording
    figures: Figures
    limits: Limits
    verdict: Verdict | None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why its figures prove nothing, if so. The others' are measured as strictly as ours."""
        return (self.verdict or judge(self.figures, Limits())).doubts


@dataclass(frozen=True)
class Failed:
    """A drill that could not be carried out."""

    drill: Drill
    why: str


@dataclass(frozen=True)
class Skipped:
    """A drill that was left out."""

    name: str
    why: str


@dataclass(frozen=True)
class Section:
    """One drill of a report. ``failed``: why it could not be carried out, else empty; ``remark``: what else is to be known."""

    name: str
    title: str
    promise: str
    outcomes: tuple[Outcome, ...]
    failed: str = ""
    remark: str = ""

    @property
    def ours(self) -> tuple[Outcome, ...]:
        """The outcomes that the status is about."""
        return tuple(one for one in self.outcomes if one.ours)

    @property
    def peers(self) -> dict[str, Outcome]:
        """The others, by title."""
        return {one.title: one for one in self.outcomes if not one.ours}

    @property
    def status(self) -> Status:
        """The worst of ours. Not carried out is broken; where nothing of ours was judged, nothing is proved."""
        found = {one.verdict.status if one.verdict else "invalid" for one in self.ours}
        if self.failed or "broken" in found:
            return "broken"
        return "kept" if found == {"kept"} else "invalid"


@dataclass(frozen=True)
class Report:
    """All drills. ``about``: what a reader must know of the run, as (name, value): date, versions, machine, rate."""

    title: str
    about: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def peers(self) -> tuple[str, ...]:
        """The titles of all others in any drill, each once."""
        return tuple(dict.fromkeys(title for section in self.sections for title in section.peers))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The titles of all subjects, ours first."""
        return (*dict.fromkeys(one.title for section in self.sections for one in section.ours), *self.peers)

    @property
    def kept(self) -> bool:
        """Whether there were drills, and all were carried out and kept."""
        return bool(self.sections) and all(section.status == "kept" for section in self.sections)

    def statuses(self) -> dict[str, int]:
        """How many drills ended in which status."""
        found = {"kept": 0, "broken": 0, "invalid": 0}
        for section in self.sections:
            found[section.status] += 1
        return found

    def lost(self, subject: str) -> tuple[int, int, int]:
        """Requests of one subject that failed after a fault, and that were sent, and in how many drills."""
        figures = [one.figures for section in self.sections for one in section.outcomes if one.title == subject]
        return sum(one.failed for one in figures), sum(one.sent for one in figures), len(figures)


def of_results(
    results: Sequence[Sequence[Result] | Failed],
    about: Sequence[tuple[str, str]],
    title: str,
    *,
    skipped: Sequence[Skipped] = (),
    remarks: Mapping[str, str] | None = None,
) -> Report:
    """The report of drills as ``lab.drills.run`` gives them, in their order; of a Failed one the reason.

    ``remarks`` are by the drill's name.
    """
    return Report(
        title,
        tuple(about),
        tuple(section(one, remarks) for one in results if isinstance(one, Failed) or one),
        tuple(skipped),
    )


def section(found: Sequence[Result] | Failed, remarks: Mapping[str, str] | None = None) -> Section:
    """One drill of a report."""
    drill = found.drill if isinstance(found, Failed) else found[0].drill
    outcomes = (
        []
        if isinstance(found, Failed)
        else [
            Outcome(one.backend.title, one.backend.ours, one.recording, one.figures, one.limits, one.verdict)
            for one in found
        ]
    )
    outcomes.sort(key=lambda one: not one.ours)  # ours first, otherwise as they came
    return Section(
        drill.name,
        drill.title,
        drill.promise,
        tuple(outcomes),
        found.why if isinstance(found, Failed) else "",
        (remarks or {}).get(drill.name, ""),
    )
