"""Edge link: a site's link to the control plane is cut. Its own clients must not notice, and its pods stay what they are."""

from __future__ import annotations

from collections.abc import Mapping

from lab.drills.backend import Backend
from lab.drills.drill import LINK, Drill, Scene
from lab.drills.kube import DrillError
from lab.drills.pods import Pod
from lab.drills.target import pause
from lab.drills.verdict import Limits

# A silent node counts as lost after 50 s, and pods that tolerate that for 30 s are given up then; of two nodes of a zone the
# second is given up 10 s after the first.
CUT_SECONDS = 100
GIVEN_UP = "link back; pods given up meanwhile: "
_DONE_SECONDS = 60
# Kubernetes has marked the site's pods as not ready. Where kube-proxy hears of that before a kubelet has told otherwise, new
# connections are refused until it has; its clients wait for 30 s between two attempts, and for twice that by jitter.
RETURN_SECONDS = 60


def _pods(scene: Scene, backend: Backend) -> dict[str, Pod]:
    return {pod.uid: pod for pod in scene.ground.kube.pods(backend.namespace, backend.selector)}


def _act(scene: Scene) -> None:
    before = {backend.name: _pods(scene, backend) for backend in scene.backends}
    scene.ground.cut_link()
    try:
        pause(CUT_SECONDS / 2)
        scene.each(lambda backend: _ask(scene, backend, backend.full + 1), scene.ours)
        scene.note("the control plane is asked for one pod more")
        pause(CUT_SECONDS / 2)
        gone = {backend.name: len(set(before[backend.name]) - set(_pods(scene, backend))) for backend in scene.backends}
    finally:
        scene.ground.mend_link()
    scene.note(GIVEN_UP + ", ".join(f"{name} {number} of {len(before[name])}" for name, number in gone.items()))
    scene.ground.await_site()
    scene.note("the control plane sees the site")
    scene.each(lambda backend: _done(scene, backend), scene.ours)
    for backend in scene.ours:
        for what in moved(before[backend.name], _pods(scene, backend)):
            scene.broken(backend, what)


def _ask(scene: Scene, backend: Backend, pods: int) -> None:
    scene.ground.kube.scale(backend.namespace, backend.deployment, pods)


def _done(scene: Scene, backend: Backend) -> None:
    """What was asked for while nobody at the site could hear it."""
    try:
        scene.ground.kube.until(lambda: len(scene.ready_pods(backend)) == backend.full + 1, _DONE_SECONDS, "the pod")
    except DrillError:
        scene.broken(
            backend,
            f"the pod that was asked for while the link was cut was not ready {_DONE_SECONDS} s after the "
            "control plane saw the site again",
        )


def moved(before: Mapping[str, Pod], after: Mapping[str, Pod]) -> list[str]:
    """What became of pods that should have stayed what they were, a sentence each."""
    gone = [f"pod {pod.name} on {pod.node} was given up" for uid, pod in before.items() if uid not in after]
    return gone + [
        f"pod {pod.name} on {pod.node} was started again"
        for uid, pod in before.items()
        if uid in after and after[uid].restarts > pod.restarts
    ]


def _limits(_: Backend) -> Limits:
    return Limits(first_failure=CUT_SECONDS, failing_seconds=CUT_SECONDS + RETURN_SECONDS, same_pods=True)


def _heal(scene: Scene) -> None:
    scene.ground.mend_link()
    scene.ground.await_site()
    scene.each(lambda backend: _ask(scene, backend, backend.full), scene.ours)


DRILL = Drill(
    "edge-link",
    f"edge site cut off for {CUT_SECONDS} s",
    _act,
    _limits,
    "no request fails while the link is cut, and on its return for a bounded time; no pod is moved or started again; "
    "what was asked for meanwhile is done",
    heal=_heal,
    needs=frozenset({LINK}),
)
