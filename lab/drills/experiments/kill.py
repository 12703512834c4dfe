"""A pod is killed, as when it runs out of memory: its process with SIGKILL where that can be reached."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import Drill, Scene, row


def _kill(scene: Scene, backend: Backend) -> None:
    scene.note(scene.ground.kill(scene.ready_pods(backend)[0]))


def act(scene: Scene) -> None:
    """One pod of each backend."""
    scene.each(lambda backend: _kill(scene, backend))


DRILL = Drill("kill", "pod killed", act, row("pod"), "only that pod's requests fail, for the seconds promised")
