"""Node drain: every pod of one node is evicted, as for an upgrade of the node."""

from __future__ import annotations

from drills.drill import NODES, Drill, Scene, planned_below

_SECONDS = 150


def _act(scene: Scene) -> None:
    node = scene.busiest_node()
    scene.notes["closed"] = [node]
    scene.ground.kube.drain([node], scene.namespaces, _SECONDS)


def open_again(scene: Scene) -> None:
    """The nodes take pods again."""
    for node in scene.notes.get("closed", ()):
        scene.ground.kube.cordon(node, closed=False)


DRILL = Drill("drain", "node drain", _act, planned_below, "no request lost, one pod less at a time", heal=open_again,
              needs=frozenset({NODES}))
