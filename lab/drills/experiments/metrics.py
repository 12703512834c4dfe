"""Metrics down: nobody can say how busy the pods are. The autoscaler must leave their number alone."""

from __future__ import annotations

from lab.drills.drill import CONTROL_PLANE, Drill, Scene, planned
from lab.drills.target import pause

_SECONDS = 40


def _act(scene: Scene) -> None:
    scene.ground.kill_control_plane(("metrics-server",))
    pause(_SECONDS)


def _heal(scene: Scene) -> None:
    scene.ground.start_control_plane()


DRILL = Drill(
    "metrics",
    "metrics down for 40 s",
    _act,
    planned,
    "no request lost, capacity never lower",
    heal=_heal,
    needs=frozenset({CONTROL_PLANE}),
)
