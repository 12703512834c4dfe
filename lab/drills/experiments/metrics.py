"""Metrics down: the pods' utilization is unknown. The autoscaler must keep their number."""

from __future__ import annotations

from lab.drills.drill import CONTROL_PLANE, Drill, DrillContext, planned
from lab.drills.target import pause

_SECONDS = 40


def _act(context: DrillContext) -> None:
    context.target.kill_control_plane(("metrics-server",))
    pause(_SECONDS)


def _restore(context: DrillContext) -> None:
    context.target.start_control_plane()


DRILL = Drill(
    "metrics",
    "metrics down for 40 s",
    _act,
    planned,
    "no failed request, never less capacity",
    restore=_restore,
    needs=frozenset({CONTROL_PLANE}),
)
