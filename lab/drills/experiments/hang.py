"""A pod's process hangs: it takes connections and answers nothing. Readiness takes it out, liveness restarts it."""

from __future__ import annotations

import signal
from contextlib import suppress

from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, TRAFFIC, Drill, Scene, row


def _hang(scene: Scene, backend: Backend) -> None:
    pod = scene.ready_pods(backend)[0]
    scene.notes.setdefault("stopped", []).append(pod.container)
    scene.ground.signal_container(pod.container, signal.SIGSTOP)


def _act(scene: Scene) -> None:
    scene.each(lambda backend: _hang(scene, backend))


def _heal(scene: Scene) -> None:
    for container in scene.notes.get("stopped", ()):
        with suppress(LookupError):  # it was started again, as it should be
            scene.ground.signal_container(container, signal.SIGCONT)


DRILL = Drill(
    "hang",
    "container hangs",
    _act,
    row("hang"),
    "only that pod's requests fail, for the seconds promised",
    needs=frozenset({CONTAINERS, TRAFFIC}),
    seconds=75,
    patience=120,
    heal=_heal,
)
