"""Scale-in: from two thirds more pods than usual, or as many as there may be, back to the usual number."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import OWNER, Drill, Scene, never_below_usual
from lab.drills.kube import DrillError

_SECONDS, _PER_POD = 90, 0.2


def _more(backend: Backend) -> None:
    more = min(backend.usual * 5 // 3, backend.most)
    if more <= backend.usual:
        raise DrillError(
            f"{backend.name} usually has {backend.usual} pods and may have no more: there is nothing to scale in"
        )
    backend.change(replicas=more)


def _back(scene: Scene, backend: Backend) -> None:
    backend.change(replicas=backend.usual)
    kube = scene.ground.kube
    kube.until(
        lambda: kube.deployment(backend.namespace, backend.deployment).status.replicas == backend.full,
        _SECONDS + _PER_POD * backend.full,
        f"{backend.name} to have {backend.full} pods",
    )


def _prepare(scene: Scene) -> None:
    scene.each(_more)


def _act(scene: Scene) -> None:
    scene.each(lambda backend: _back(scene, backend))


DRILL = Drill(
    "scale-in",
    "scale-in",
    _act,
    never_below_usual,
    "no request lost, never below the least",
    prepare=_prepare,
    needs=frozenset({OWNER}),
    from_more=True,
)
