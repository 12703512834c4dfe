"""Hand-over: a fixed number of pods, larger than the autoscaler's least, is handed to the autoscaler."""

from __future__ import annotations

from lab.drills.drill import OWNER, Drill, Scene, never_below_usual


def _prepare(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=False, replicas=min(backend.usual * 4 // 3, backend.most)))


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=True, replicas=backend.usual))


def _heal(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(autoscaled=False), [one for one in scene.backends if not one.ours])


DRILL = Drill(
    "handover",
    "fixed number to autoscaler",
    _act,
    never_below_usual,
    "no request lost, never below the least",
    prepare=_prepare,
    heal=_heal,
    needs=frozenset({OWNER}),
    from_more=True,
)
