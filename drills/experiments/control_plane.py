"""Control plane down for 60 s: API server, its store, controllers and scheduler are killed. Traffic must not notice."""

from __future__ import annotations

from drills.backend import Backend
from drills.drill import NODES, Drill, Scene
from drills.ground import pause
from drills.verdict import Limits

_SECONDS = 60


def _limits(_: Backend) -> Limits:
    return Limits(failed=0)  # how many endpoints there are, nobody can say meanwhile


def _act(scene: Scene) -> None:
    scene.ground.kill_control_plane()
    pause(_SECONDS)
    scene.ground.start_control_plane()


DRILL = Drill("control-plane", "control plane down for 60 s", _act, _limits, "no request lost", needs=frozenset({NODES}),
              seconds=80)
