"""Node loss: a machine loses its power, and comes back only after the drill."""

from __future__ import annotations

from lab.drills.drill import POWER, Drill, Scene, row


def _act(scene: Scene) -> None:
    node = scene.busiest_node()
    scene.notes["lost"] = [node]
    scene.ground.lose([node])


def restore(scene: Scene) -> None:
    """Power and cables are back."""
    scene.ground.restore(list(scene.notes.get("lost", ())))


DRILL = Drill(
    "node-loss",
    "node lost: no power",
    _act,
    row("node"),
    "failures end and capacity is back as promised",
    heal=restore,
    needs=frozenset({POWER}),
    seconds=100,
    patience=60,
)
