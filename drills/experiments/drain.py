"""Node drain: every pod of one node is evicted, as for an upgrade of the node."""

from __future__ import annotations

from drills.drill import NODES, Drill, Scene, planned_below

_SECONDS = 150


def _act(scene: Scene) -> None:
    scene.drain([scene.busiest_node()], _SECONDS)


def open_again(scene: Scene) -> None:
    """The nodes take pods again."""
    scene.ground.open_nodes()


DRILL = Drill("drain", "node drain", _act, planned_below, "no request lost, one pod less at a time", heal=open_again,
              needs=frozenset({NODES}))
