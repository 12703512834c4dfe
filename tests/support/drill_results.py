"""Results of drills made by hand: who took part, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from lab.drills.backend import Backend, Wish
from lab.drills.drill import Drill, nothing
from lab.drills.measure import measure
from lab.drills.model import Recording
from lab.drills.run import Result
from lab.drills.verdict import Limits, judge
from tests.support.recordings import recording


@dataclass(frozen=True)
class Subject:
    """As much of a backend as a report, or a run without a cluster, looks at. ``changes`` is what was wished of it later."""

    name: str
    title: str
    ours: bool
    rate: int = 100
    connections: tuple[str, ...] = ("new",)
    wish: Wish = field(default_factory=lambda: Wish("web:1"))
    changes: list[dict[str, Any]] = field(default_factory=list, compare=False)

    def change(self, **wanted: Any) -> None:
        self.changes.append(wanted)


GOOD = Subject("ours-podinfo", "ours, well-behaved", ours=True, connections=("new", "reused"))
NAIVE = Subject("ours-naive", "ours, naive", ours=True)
PLAIN = Subject("plain", "plain manifest", ours=False)


def nothing_lost(_: object) -> Limits:
    return Limits(failed=0)


DRILL = Drill("drain", "node drain", nothing, nothing_lost, "nothing is lost")


def result(
    subject: Subject,
    recorded: Recording | None = None,
    limits: Limits | None = None,
    *,
    drill: Drill = DRILL,
    broken: tuple[str, ...] = (),
) -> Result:
    """Measured and judged as ``lab.drills.run`` does it; ``broken`` is what no figure shows."""
    figures = measure(recorded or recording())
    promised = (limits or Limits(failed=0)) if subject.ours else Limits()
    verdict = judge(figures, promised)
    verdict = replace(verdict, broken=(*verdict.broken, *broken))
    return Result(
        drill, cast(Backend, subject), recorded or recording(), figures, promised, verdict if subject.ours else None
    )
