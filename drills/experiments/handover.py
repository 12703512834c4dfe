"""Hand-over: a fixed number of pods, larger than the autoscaler's least, is handed to the autoscaler."""

from __future__ import annotations

from drills.drill import Drill, Scene, planned


def _prepare(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=False, replicas=4))


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=True, replicas=3))


def _heal(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=False), [one for one in scene.backends if not one.ours])


DRILL = Drill("handover", "fixed number to autoscaler", _act, planned, "no request lost, never below the least",
              prepare=_prepare, heal=_heal)
