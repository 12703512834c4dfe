"""Rolling update: another image of the same program, or a restart where the backend is somebody else's."""

from __future__ import annotations

from lab.drills.drill import Drill, Scene, planned


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.release())


DRILL = Drill("rollout", "rolling update", _act, planned, "no request lost, capacity never lower")
