"""Node cut: a machine loses its network, keeps running on its own, and returns only after the drill."""

from __future__ import annotations

from lab.drills.drill import NETWORK, Drill, DrillContext, promise_row
from lab.drills.experiments.node_loss import restore


def _act(context: DrillContext) -> None:
    node = context.busiest_node()
    context.notes["lost"] = [node]
    context.target.cut([node])


DRILL = Drill(
    "node-cut",
    "node lost: no network",
    _act,
    promise_row("node"),
    "failures end and capacity returns as promised",
    restore=restore,
    needs=frozenset({NETWORK}),
    seconds=100,
    recovery_timeout=60,
)
