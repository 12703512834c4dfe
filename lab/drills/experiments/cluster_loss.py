"""Cluster loss: one of several is cut off whole, control plane and all nodes, and comes back later."""

from __future__ import annotations

from collections.abc import Mapping

from lab.drills.backend import Backend
from lab.drills.drill import CLUSTERS, ENGINE, TRAFFIC, Drill, Scene, row
from lab.drills.target import Sent, pause

LOST_SECONDS, BACK_SECONDS, LOOK_SECONDS = 20, 30, 3
_NEARLY = 0.8  # of its share: that a cluster takes requests again is not yet that it takes its own


def _act(scene: Scene) -> None:
    ours = scene.ours[0]
    before = {backend.name: scene.ground.sent(backend) for backend in scene.backends}
    lost = scene.ground.cut_cluster(ours)
    scene.log(f"cluster {lost} is cut off")
    pause(LOST_SECONDS)
    for backend in scene.ours:
        _others(scene, backend, lost, since(before[backend.name], scene.ground.sent(backend)))
    scene.ground.restore_clusters()
    scene.note(f"cluster {lost} is there again")
    for backend in scene.ours:
        _balance(scene, backend, lost)


def _others(scene: Scene, backend: Backend, lost: str, sent: Mapping[str, Sent]) -> None:
    """The promise says that only requests fail which are sent to the lost one."""
    for name, one in sent.items():
        scene.log(f"{backend.name}: cluster {name} was sent {one.requests:,} requests, of which {one.failed:,} failed")
        if name != lost and (one.failed or not one.requests):
            scene.broken(
                backend,
                f"of {one.requests:,} requests that were sent to cluster {name}, which was not lost, "
                f"{one.failed:,} failed",
            )


def _balance(scene: Scene, backend: Backend, lost: str) -> None:
    """Looks until the cluster takes its share again."""
    for waited in range(LOOK_SECONDS, BACK_SECONDS + 1, LOOK_SECONDS):
        before = scene.ground.sent(backend)
        pause(LOOK_SECONDS)
        if takes_its_share(since(before, scene.ground.sent(backend)), lost):
            scene.note(f"cluster {lost} takes its share again")
            scene.log(f"{backend.name}: cluster {lost} takes its share again, seen {waited} s after it came back")
            return
    scene.broken(backend, f"cluster {lost} did not take its share again within {BACK_SECONDS} s of its return")


def since(before: Mapping[str, Sent], after: Mapping[str, Sent]) -> dict[str, Sent]:
    """What was sent in between."""
    return {
        name: Sent(one.requests - before[name].requests, one.failed - before[name].failed, one.weight)
        for name, one in after.items()
    }


def takes_its_share(sent: Mapping[str, Sent], cluster: str) -> bool:
    """Whether a cluster was sent about what its weight says, and answered all of it."""
    found, total = sent[cluster], sum(one.requests for one in sent.values())
    return found.requests >= _NEARLY * total * found.weight / 100 > 0 and not found.failed


def _heal(scene: Scene) -> None:
    scene.ground.restore_clusters()


DRILL = Drill(
    "cluster-loss",
    "cluster lost: no network",
    _act,
    row("cluster"),
    "failures end with the balancer's check, the other cluster loses nothing, the balance comes back",
    heal=_heal,
    needs=frozenset({CLUSTERS, ENGINE, TRAFFIC}),
    seconds=45,
    patience=30,
    unknown_seconds=10,
)
