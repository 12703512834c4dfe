"""Node drain: two nodes of different zones are drained at once, as by an upgrade of the cluster that takes two at a time."""

from __future__ import annotations

from lab.drills.drill import NODES, Drill, Scene, planned_below

_SECONDS = 150


def _act(scene: Scene) -> None:
    scene.drain(scene.busiest_nodes(2), _SECONDS)


def open_again(scene: Scene) -> None:
    """The nodes take pods again."""
    scene.ground.open_nodes()


DRILL = Drill(
    "drain",
    "node drain, two at once",
    _act,
    planned_below,
    "no request lost, one pod less at a time",
    heal=open_again,
    needs=frozenset({NODES}),
)
