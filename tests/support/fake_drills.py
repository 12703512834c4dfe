"""Drills whose results are constructed for each attempt."""

from __future__ import annotations

from dataclasses import replace

from lab.drills.drill import Drill
from lab.drills.run import Result
from tests.support.drill_results import DRILL, GOOD, NAIVE, PLAIN, result
from tests.support.recordings import between, recording, stream

KEPT = [result(subject) for subject in (GOOD, NAIVE, PLAIN)]  # computed once
LOSSY, EARLY = recording(stream(lost=between(6, 7))), recording(stream(lost=between(1, 2)))


def drill(name: str, *needs: str) -> Drill:
    return replace(DRILL, name=name, title=f"the {name}", needs=frozenset(needs))


def kept(one: Drill) -> list[Result]:
    return [replace(each, drill=one) for each in KEPT]


class FakeRun:
    """Returns the listed outcomes of each drill, one for each attempt; an exception is raised."""

    def __init__(self, **outcomes: list[list[Result] | BaseException]) -> None:
        self.outcomes = outcomes
        self.attempts: list[str] = []

    def __call__(self, one: Drill) -> list[Result]:
        self.attempts.append(one.name)
        outcome = self.outcomes.get(one.name, [kept(one)]).pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome
