"""Zone drain: every pod of one zone is evicted."""

from __future__ import annotations

from lab.drills.drill import NODES, Drill, Scene, planned_below
from lab.drills.experiments.drain import open_again

_SECONDS = 180


def _act(scene: Scene) -> None:
    scene.drain(scene.busiest_zone(), _SECONDS)


DRILL = Drill(
    "zone-drain",
    "zone drain",
    _act,
    planned_below,
    "no request lost, one pod less at a time",
    heal=open_again,
    needs=frozenset({NODES}),
)
