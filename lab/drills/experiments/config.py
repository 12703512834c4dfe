"""Config change: an environment variable gets another value."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import REDEPLOY, Drill, DrillContext, planned


def _change(backend: Backend) -> None:
    before = int(backend.desired.environment.get("DRILL", "0"))
    backend.change(environment={**backend.desired.environment, "DRILL": str(before + 1)})


def _act(context: DrillContext) -> None:
    context.each(_change)


DRILL = Drill(
    "config", "config change", _act, planned, "no failed request, never less capacity", needs=frozenset({REDEPLOY})
)
