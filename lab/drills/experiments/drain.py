"""Node drain: two nodes of different zones at once, as in an upgrade that drains two nodes at a time."""

from __future__ import annotations

from lab.drills.drill import NODES, Drill, DrillContext, planned_eviction

_SECONDS = 150


def _act(context: DrillContext) -> None:
    context.drain(context.busiest_nodes(2), _SECONDS)


def uncordon(context: DrillContext) -> None:
    """Uncordon the nodes again."""
    context.target.open_nodes()


DRILL = Drill(
    "drain",
    "node drain, two at once",
    _act,
    planned_eviction,
    "no failed request, one pod less at a time",
    restore=uncordon,
    needs=frozenset({NODES}),
)
