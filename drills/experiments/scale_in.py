"""Scale-in: from five pods to three."""

from __future__ import annotations

from drills.drill import Drill, Scene, planned

_SECONDS = 90


def _prepare(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(replicas=5))


def _act(scene: Scene) -> None:
    scene.each(lambda backend: backend.change(replicas=3))
    kube = scene.ground.kube
    scene.each(lambda backend: kube.until(lambda: len(kube.pods(backend.namespace)) == backend.full, _SECONDS,
                                          f"{backend.name} to have {backend.full} pods"))


DRILL = Drill("scale-in", "scale-in, 5 to 3", _act, planned, "no request lost, never below the least", prepare=_prepare)
