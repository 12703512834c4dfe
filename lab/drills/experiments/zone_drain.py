"""Zone drain: every pod of one zone is evicted."""

from __future__ import annotations

from lab.drills.drill import NODES, Drill, DrillContext, planned_eviction
from lab.drills.experiments.drain import uncordon

_SECONDS = 180


def _act(context: DrillContext) -> None:
    context.drain(context.busiest_zone(), _SECONDS)


DRILL = Drill(
    "zone-drain",
    "zone drain",
    _act,
    planned_eviction,
    "no failed request, one pod less at a time",
    restore=uncordon,
    needs=frozenset({NODES}),
)
