"""Constructed reports of drills."""

from __future__ import annotations

from lab.drills.report import content
from lab.drills.report.content import Failed, Report
from lab.drills.run import Result
from tests.support.drill_results import GOOD, NAIVE, PLAIN, result
from tests.support.recordings import between, recording, stream

EVIL = '<script>alert("x")</script> & | `x`'
LOSSY = recording(stream(lost=between(6, 7)))


def report(*results: Result, more: tuple[list[Result] | Failed, ...] = ()) -> Report:
    first = list(results) or [result(GOOD), result(NAIVE), result(PLAIN, LOSSY)]
    return content.build_report([first, *more], [("machine", "2 CPUs")], "Drills")
