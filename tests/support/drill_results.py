"""Constructed results of drills: the subjects, and what they lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from lab.drills.backend import Backend, DesiredState
from lab.drills.drill import Drill, no_step
from lab.drills.measure import measure
from lab.drills.model import Recording
from lab.drills.run import Result
from lab.drills.verdict import Limits, judge
from tests.support.recordings import recording


@dataclass(frozen=True)
class Subject:
    """The part of a backend that a report, or a run without a cluster, uses. ``changes`` lists later deployments."""

    name: str
    title: str
    under_test: bool
    rate: int = 100
    connections: tuple[str, ...] = ("new",)
    desired: DesiredState = field(default_factory=lambda: DesiredState("web:1"))
    changes: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def change(self, **changes: Any) -> None:
        self.changes.append(changes)


GOOD = Subject("ha-podinfo", "ha-backend, well-behaved", under_test=True, connections=("new", "reused"))
NAIVE = Subject("ha-naive", "ha-backend, naive", under_test=True)
PLAIN = Subject("plain", "plain manifest", under_test=False)


def nothing_lost(_: object) -> Limits:
    return Limits(failed=0)


DRILL = Drill("drain", "node drain", no_step, nothing_lost, "nothing is lost")


def result(
    subject: Subject,
    recorded: Recording | None = None,
    limits: Limits | None = None,
    *,
    drill: Drill = DRILL,
    violations: tuple[str, ...] = (),
) -> Result:
    """Measure and judge a recording as ``lab.drills.run`` does. ``violations`` are those that no figure shows."""
    figures = measure(recorded or recording())
    promised = (limits or Limits(failed=0)) if subject.under_test else Limits()
    verdict = judge(figures, promised)
    verdict = replace(verdict, violations=(*verdict.violations, *violations))
    return Result(
        drill,
        cast(Backend, subject),
        recorded or recording(),
        figures,
        promised,
        verdict if subject.under_test else None,
    )
