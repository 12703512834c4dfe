"""Config change: an environment variable has another value."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import OWNER, Drill, Scene, planned


def _change(backend: Backend) -> None:
    before = int(backend.wish.environment.get("DRILL", "0"))
    backend.change(environment={**backend.wish.environment, "DRILL": str(before + 1)})


def _act(scene: Scene) -> None:
    scene.each(_change)


DRILL = Drill(
    "config", "config change", _act, planned, "no request lost, capacity never lower", needs=frozenset({OWNER})
)
