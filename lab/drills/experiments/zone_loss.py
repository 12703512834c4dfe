"""Zone loss: all machines of one zone lose their power at once; the other zones carry the load."""

from __future__ import annotations

from lab.drills.drill import POWER, Drill, DrillContext, promise_row
from lab.drills.experiments.node_loss import restore


def _act(context: DrillContext) -> None:
    nodes = context.busiest_zone()
    context.notes["lost"] = nodes
    context.target.lose(nodes)


DRILL = Drill(
    "zone-loss",
    "zone lost",
    _act,
    promise_row("zone"),
    "failures end and capacity returns as promised; the other zones carry the load",
    restore=restore,
    needs=frozenset({POWER}),
    seconds=100,
    recovery_timeout=60,
)
