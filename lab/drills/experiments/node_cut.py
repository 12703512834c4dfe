"""Node cut: a machine loses its network. It lives on alone, and comes back only after the drill."""

from __future__ import annotations

from lab.drills.drill import CABLES, Drill, Scene, row
from lab.drills.experiments.node_loss import restore


def _act(scene: Scene) -> None:
    node = scene.busiest_node()
    scene.notes["lost"] = [node]
    scene.ground.cut([node])


DRILL = Drill(
    "node-cut",
    "node lost: no network",
    _act,
    row("node"),
    "failures end and capacity is back as promised",
    heal=restore,
    needs=frozenset({CABLES}),
    seconds=100,
    patience=60,
)
