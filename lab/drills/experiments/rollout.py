"""Rolling update: another image of the same program, or a restart of a backend that is deployed elsewhere."""

from __future__ import annotations

from lab.drills.drill import Drill, DrillContext, planned


def _act(context: DrillContext) -> None:
    context.each(lambda backend: backend.release())


DRILL = Drill("rollout", "rolling update", _act, planned, "no failed request, never less capacity")
