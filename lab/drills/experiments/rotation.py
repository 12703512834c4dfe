"""Secret rotation: the generated secrets get new values, and every pod has them in the end."""

from __future__ import annotations

from lab.drills.drill import OWNER, Drill, Scene, planned


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(rotation=backend.wish.rotation + 1))


DRILL = Drill(
    "rotation", "secret rotation", _act, planned, "no request lost, capacity never lower", needs=frozenset({OWNER})
)
