"""Drills of which each attempt's results are made by hand."""

from __future__ import annotations

from dataclasses import replace

from lab.drills.drill import Drill
from tests.support.drill_results import DRILL, GOOD, NAIVE, PLAIN, result
from tests.support.recordings import between, recording, stream

KEPT = [result(subject) for subject in (GOOD, NAIVE, PLAIN)]  # measured once
LOSSY, EARLY = recording(stream(lost=between(6, 7))), recording(stream(lost=between(1, 2)))


def drill(name: str, *needs: str) -> Drill:
    return replace(DRILL, name=name, title=f"the {name}", needs=frozenset(needs))


def kept(one: Drill) -> list:
    return [replace(found, drill=one) for found in KEPT]


class Once:
    """Gives out what is listed for each drill, one attempt after the other; an exception is raised."""

    def __init__(self, **found) -> None:
        self.found, self.tried = found, []

    def __call__(self, one):
        self.tried.append(one.name)
        found = self.found.get(one.name, [kept(one)]).pop(0)
        if isinstance(found, BaseException):
            raise found
        return found
