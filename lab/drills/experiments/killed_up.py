"""`pulumi up` killed at a random moment of a release, then run again."""

from __future__ import annotations

import random
import time

from lab.drills.backend import Backend, Interruptible
from lab.drills.drill import ENGINE, OWNER, Drill, Scene, planned

_LONGEST = 15.0  # a release takes longer than that, so that every part of one may be hit


def _kill(scene: Scene, backend: Backend) -> None:
    if not isinstance(backend, Interruptible):
        return  # kubectl sends each object whole: there is no half-way
    environment = {**backend.wish.environment, "DRILL": str(int(backend.wish.environment.get("DRILL", "0")) + 1)}
    seconds = random.uniform(0.5, _LONGEST)  # noqa: S311 - chance, not a secret
    running = backend.begin_change(environment=environment)
    time.sleep(seconds)
    scene.note(
        f"{backend.name}: `up` killed after {seconds:.1f} s" if running.running else f"{backend.name}: `up` was faster"
    )
    running.kill()
    backend.change(environment=environment)


def _act(scene: Scene) -> None:
    scene.each(lambda backend: _kill(scene, backend))


DRILL = Drill(
    "killed-up",
    "`pulumi up` killed, run again",
    _act,
    planned,
    "no request lost, capacity never lower",
    needs=frozenset({OWNER, ENGINE}),
)
