"""Control plane down for 60 s: API server, its store, controllers and scheduler are killed. Traffic must not notice."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import CONTROL_PLANE, Drill, Scene
from lab.drills.target import pause
from lab.drills.verdict import Limits

_SECONDS, _START_SECONDS = 60, 60


def _limits(backend: Backend) -> Limits:
    return Limits(
        failed=0, least_ready=backend.full
    )  # nobody can say how many there are meanwhile, but once it is back


def _act(scene: Scene) -> None:
    scene.ground.kill_control_plane()
    pause(_SECONDS)
    scene.ground.start_control_plane()


DRILL = Drill(
    "control-plane",
    "control plane down for 60 s",
    _act,
    _limits,
    "no request lost, capacity as before when it is back",
    needs=frozenset({CONTROL_PLANE}),
    seconds=80,
    unknown_seconds=_SECONDS + _START_SECONDS,
)
