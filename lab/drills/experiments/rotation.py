"""Secret rotation: the generated secrets get new values, and every pod receives them."""

from __future__ import annotations

from lab.drills.drill import REDEPLOY, Drill, DrillContext, planned


def _act(context: DrillContext) -> None:
    context.each(lambda backend: backend.change(rotation=backend.desired.rotation + 1))


DRILL = Drill(
    "rotation", "secret rotation", _act, planned, "no failed request, never less capacity", needs=frozenset({REDEPLOY})
)
