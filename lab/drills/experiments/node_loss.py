"""Node loss: a machine loses its power, and returns only after the drill."""

from __future__ import annotations

from lab.drills.drill import POWER, Drill, DrillContext, promise_row


def _act(context: DrillContext) -> None:
    node = context.busiest_node()
    context.notes["lost"] = [node]
    context.target.lose([node])


def restore(context: DrillContext) -> None:
    """Restore power and network of the lost nodes."""
    context.target.restore(list(context.notes.get("lost", ())))


DRILL = Drill(
    "node-loss",
    "node lost: no power",
    _act,
    promise_row("node"),
    "failures end and capacity returns as promised",
    restore=restore,
    needs=frozenset({POWER}),
    seconds=100,
    recovery_timeout=60,
)
