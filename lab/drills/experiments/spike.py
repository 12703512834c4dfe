"""Load spike: 2.5 times the requests, until the autoscaler has made more pods; a change meanwhile; then all the way back."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import OWNER, TRAFFIC, Drill, Scene, planned

_TIMES, _OUT_SECONDS, _BACK_SECONDS = 1.5, 90, 150


def _pods(scene: Scene, backend: Backend) -> int:
    return len(scene.ready_pods(backend))


def _await_more(scene: Scene, backend: Backend) -> None:
    scene.ground.kube.until(
        lambda: _pods(scene, backend) > backend.full, _OUT_SECONDS, f"{backend.name} to be scaled out"
    )
    scene.note(f"{backend.name} has {_pods(scene, backend)} pods")


def _change(scene: Scene, backend: Backend) -> None:
    """What the autoscaler has chosen is not for a deployment to take back."""
    before = scene.ground.kube.deployment(backend.namespace, backend.deployment).spec.replicas
    backend.change(environment={**backend.wish.environment, "SPIKE": str(before)})
    after = scene.ground.kube.deployment(backend.namespace, backend.deployment).spec.replicas
    if after < before:
        scene.broken(backend, f"a change took pods away from the autoscaler: {before} before, {after} after")


def _act(scene: Scene) -> None:
    autoscaled = [
        backend for backend in scene.ours if backend.name.endswith("naive")
    ]  # the one whose answers cost CPU time
    with scene.more_load({backend.name: round(backend.rate * _TIMES) for backend in autoscaled}):
        scene.each(lambda backend: _await_more(scene, backend), autoscaled)
        scene.each(lambda backend: _change(scene, backend), autoscaled)
    scene.note("the spike is over")
    scene.each(
        lambda backend: scene.ground.kube.until(
            lambda: _pods(scene, backend) == backend.full, _BACK_SECONDS, f"{backend.name} to be scaled back"
        ),
        autoscaled,
    )


DRILL = Drill(
    "spike",
    "load spike, out and back",
    _act,
    planned,
    "no request lost, never below the least",
    needs=frozenset({OWNER, TRAFFIC}),
)
