"""Rolling update: another image of the same program."""

from __future__ import annotations

from drills.drill import Drill, Scene, planned


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(image=next(image for image in backend.images if image != backend.wish.image)))


DRILL = Drill("rollout", "rolling update", _act, planned, "no request lost, capacity never lower")
