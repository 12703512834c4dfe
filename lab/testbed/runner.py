"""Carries out one drill after the other; what goes wrong with one does not end the run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from components.devcluster.errors import LocalError
from components.inspection.client import InspectionError
from lab.drills.drill import ENGINE, Drill
from lab.drills.kube import DrillError
from lab.drills.report import lines, words
from lab.drills.report.content import Failed, Section, Skipped, section
from lab.drills.run import Result
from lab.drills.vegeta import LoadError
from lab.testbed.context import Staged
from lab.testbed.restore import Log, StageLost, ready, said

Once = Callable[[Drill], list[Result]]
_EXPECTED = (DrillError, LoadError, InspectionError, LocalError)


@dataclass
class Done:
    """What a run has come to, at every moment of it. ``lost``: why the stage was given up, else empty."""

    results: list[list[Result] | Failed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    lost: str = ""

    def leave_out(self, drills: Sequence[Drill], why: str) -> None:
        """Those of them that have come to nothing yet are skipped."""
        names = {found.drill.name if isinstance(found, Failed) else found[0].drill.name for found in self.results}
        names |= {found.name for found in self.skipped}
        self.skipped += [Skipped(drill.name, why) for drill in drills if drill.name not in names]


def carry_out(stage: Staged, drills: Sequence[Drill], once: Once, log: Log, done: Done) -> None:
    """All of them, into ``done``. ``once`` carries out one drill. Ends early only where the stage itself is lost."""
    wishes = {backend.name: backend.wish for backend in stage.backends}
    sound = True
    for number, drill in enumerate(drills, 1):
        head = f"drill {number} of {len(drills)}, {drill.name}"
        pulumi = "it needs pulumi, which is not here" if ENGINE in drill.needs and stage.engine is None else None
        lacking = pulumi or drill.lacks(stage.ground)
        if lacking:
            done.skipped.append(Skipped(drill.name, lacking))
            log(f"{head}: SKIPPED, {done.skipped[-1].why}")
            continue
        log(f"{head}: {drill.title}")
        try:
            ready(stage, wishes, log, sound=sound)
        except StageLost as lost:
            done.lost = str(lost)
            done.leave_out(drills[number - 1 :], done.lost)
            log(f"error: {lost}. The drills that are left are not tried.")
            return
        found = attempt(drill, once, log)
        if section(found).status == "invalid":
            doubts = _doubts(section(found))
            before = f"{done.remarks[drill.name]}; " if drill.name in done.remarks else ""
            done.remarks[drill.name] = f"{before}tried again: the first time nothing was proved ({doubts})"
            log(f"{drill.name}: nothing was proved, trying once more: {doubts}")
            found = attempt(drill, once, log)
        done.results.append(found)
        sound = not isinstance(found, Failed)
        tell(section(found), log)


def tell(found: Section, log: Log) -> None:
    """One line for each subject, and one for each sentence of a verdict that is not green."""
    for one in found.outcomes:
        figures = one.figures
        lost = ", ".join(f"{stream.connections} {lines.requests(stream, one.limits)}" for stream in figures.streams)
        verdict = f"{' '.join(words.STATUS[one.verdict.status])}; " if one.verdict else ""
        log(f"  {one.title}: {verdict}failed: {lost}; capacity {lines.capacity(figures, one.limits)}")
        for sentence in (*(one.verdict.broken if one.verdict else ()), *one.doubts):
            log(f"    {sentence}")
    if found.failed:
        log(f"  could not be carried out: {found.failed}")


def attempt(drill: Drill, once: Once, log: Log) -> list[Result] | Failed:
    """One drill, once; what it raises becomes what is told of it."""
    try:
        return once(drill)
    except Exception as error:
        if not isinstance(error, _EXPECTED):
            log(traceback.format_exc())
        why = said(error)
        return Failed(drill, why if isinstance(error, _EXPECTED) else f"{type(error).__name__}: {why}")


def _doubts(found: Section) -> str:
    return "; ".join(f"{one.title}: {doubt}" for one in found.ours for doubt in one.doubts)
