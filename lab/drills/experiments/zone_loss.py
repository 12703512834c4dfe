"""Zone loss: all machines of one zone lose their power at once; the others carry the load."""

from __future__ import annotations

from lab.drills.drill import POWER, Drill, Scene, row
from lab.drills.experiments.node_loss import restore


def _act(scene: Scene) -> None:
    nodes = scene.busiest_zone()
    scene.notes["lost"] = nodes
    scene.ground.lose(nodes)


DRILL = Drill(
    "zone-loss",
    "zone lost",
    _act,
    row("zone"),
    "failures end and capacity is back as promised; the rest carries on",
    heal=restore,
    needs=frozenset({POWER}),
    seconds=100,
    patience=60,
)
