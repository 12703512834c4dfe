"""A pod's process is killed with SIGKILL, as when it runs out of memory."""

from __future__ import annotations

import signal

from drills.backend import Backend
from drills.drill import NODES, TRAFFIC, Drill, Scene, row


def _kill(scene: Scene, backend: Backend) -> None:
    pod = scene.ground.kube.ready_pods(backend.namespace)[0]
    scene.ground.signal_container(pod.status.container_statuses[0].container_id, signal.SIGKILL)


def _act(scene: Scene) -> None:
    scene.each(lambda backend: _kill(scene, backend))


DRILL = Drill("kill", "pod killed (SIGKILL)", _act, row("pod"), "only that pod's requests fail, for the seconds promised",
              needs=frozenset({NODES, TRAFFIC}))
