"""Run one drill after the other; a failed drill does not end the run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from components.devcluster.errors import DevClusterError
from components.inspection.client import InspectionError
from lab.drills.drill import ENGINE, Drill
from lab.drills.kube import DrillError
from lab.drills.report import lines, words
from lab.drills.report.content import Failed, Section, Skipped, section
from lab.drills.run import Result
from lab.drills.vegeta import LoadError
from lab.testbed.context import Testbed
from lab.testbed.restore import Log, TestbedError, ensure_steady, one_line

RunDrill = Callable[[Drill], list[Result]]
_EXPECTED = (DrillError, LoadError, InspectionError, DevClusterError)


@dataclass
class RunState:
    """The results of a run so far. ``lost``: why the testbed was given up; empty otherwise."""

    results: list[list[Result] | Failed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    lost: str = ""

    def skip(self, drills: Sequence[Drill], reason: str) -> None:
        """Skip those of the drills that have no result yet."""
        names = {one.drill.name if isinstance(one, Failed) else one[0].drill.name for one in self.results}
        names |= {one.name for one in self.skipped}
        self.skipped += [Skipped(drill.name, reason) for drill in drills if drill.name not in names]


def run_drills(testbed: Testbed, drills: Sequence[Drill], run_drill: RunDrill, log: Log, state: RunState) -> None:
    """Run all drills, and collect the results in ``state``. End early only if the testbed itself is lost."""
    desired_states = {backend.name: backend.desired for backend in testbed.backends}
    healthy = True
    for number, drill in enumerate(drills, 1):
        head = f"drill {number} of {len(drills)}, {drill.name}"
        pulumi = "it needs pulumi, which is not installed" if ENGINE in drill.needs and testbed.engine is None else None
        if reason := pulumi or drill.unsupported_reason(testbed.target):
            state.skipped.append(Skipped(drill.name, reason))
            log(f"{head}: SKIPPED, {reason}")
            continue
        log(f"{head}: {drill.title}")
        try:
            ensure_steady(testbed, desired_states, log, healthy=healthy)
        except TestbedError as error:
            state.lost = str(error)
            state.skip(drills[number - 1 :], state.lost)
            log(f"error: {error}. The remaining drills are skipped.")
            return
        result = attempt(drill, run_drill, log)
        if section(result).status == "invalid":
            doubts = _doubts(section(result))
            before = f"{state.remarks[drill.name]}; " if drill.name in state.remarks else ""
            state.remarks[drill.name] = f"{before}second attempt: the first one was inconclusive ({doubts})"
            log(f"{drill.name}: inconclusive, trying once more: {doubts}")
            result = attempt(drill, run_drill, log)
        state.results.append(result)
        healthy = not isinstance(result, Failed)
        log_section(section(result), log)


def log_section(result: Section, log: Log) -> None:
    """Log a line for each subject, and one for each sentence behind a verdict that is not "kept"."""
    for one in result.outcomes:
        figures = one.figures
        lost = ", ".join(f"{stream.connections} {lines.requests(stream, one.limits)}" for stream in figures.streams)
        verdict = f"{' '.join(words.STATUS[one.verdict.status])}; " if one.verdict else ""
        log(f"  {one.title}: {verdict}failed: {lost}; capacity {lines.capacity(figures, one.limits)}")
        for sentence in (*(one.verdict.violations if one.verdict else ()), *one.doubts):
            log(f"    {sentence}")
    if result.failed:
        log(f"  could not be carried out: {result.failed}")


def attempt(drill: Drill, run_drill: RunDrill, log: Log) -> list[Result] | Failed:
    """Run a drill once; an exception becomes a failed result."""
    try:
        return run_drill(drill)
    except Exception as error:
        if not isinstance(error, _EXPECTED):
            log(traceback.format_exc())
        reason = one_line(error)
        return Failed(drill, reason if isinstance(error, _EXPECTED) else f"{type(error).__name__}: {reason}")


def _doubts(result: Section) -> str:
    return "; ".join(f"{one.title}: {doubt}" for one in result.under_test for doubt in one.doubts)
