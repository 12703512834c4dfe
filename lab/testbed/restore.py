"""Brings the stage back to how it was set, whatever a drill that failed has left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lab.drills.backend import Backend, Wish
from lab.drills.drill import Scene
from lab.drills.steady import steady
from lab.testbed.context import Staged

Log = Callable[[str], None]


class StageLost(Exception):  # noqa: N818 (what it says is the news)
    """The stage cannot be brought back to a steady state: nothing that is measured on it would prove anything."""


def ready(stage: Staged, wishes: Mapping[str, Wish], log: Log, *, sound: bool) -> None:
    """Returns when all is steady; mends first where it is not ``sound``, or does not become steady. Raises StageLost."""
    if not sound:
        mend(stage, wishes, log)
    scene = Scene(stage.backends, stage.ground, log)
    try:
        steady(scene)
        return
    except Exception as error:
        log(f"not steady: {said(error)}")
    mend(stage, wishes, log)
    try:
        steady(scene)
    except Exception as error:
        raise StageLost(f"the stage is beyond repair, twice in a row it did not become steady: {said(error)}") from None


def mend(stage: Staged, wishes: Mapping[str, Wish], log: Log) -> None:
    """Control plane, nodes and backends, each as well as it can be done: whether that was enough, the steady state tells."""
    log("mending: control plane, nodes, backends")
    ground = stage.ground
    _try("control plane", ground.start_control_plane, log)
    _try("nodes", lambda: _nodes(stage), log)

    def again(backend: Backend) -> None:
        wish = wishes[backend.name]
        # A rotation never goes back; the rest is as in the beginning.
        backend.change(
            image=wish.image, environment=dict(wish.environment), replicas=wish.replicas, autoscaled=wish.autoscaled
        )

    with ThreadPoolExecutor(max(1, len(stage.backends))) as pool:
        list(pool.map(lambda backend: _try(backend.name, lambda: again(backend), log), stage.backends))


def said(error: BaseException) -> str:
    """An error's text in one line; its kind where it has none."""
    return " ".join(str(error).split())[:400] or type(error).__name__


def _nodes(stage: Staged) -> None:
    kube = stage.ground.kube
    nodes = kube.nodes()
    for node in nodes:
        if node.spec.unschedulable:
            kube.cordon(node.metadata.name, closed=False)
    whole = set(kube.ready_nodes())
    # What was cordoned keeps its taint for a moment longer. If it is lost as well, the next mending finds it.
    lost = [node.metadata.name for node in nodes if node.metadata.name not in whole and not node.spec.unschedulable]
    if lost:
        stage.ground.restore(lost)


def _try(what: str, act: Callable[[], object], log: Log) -> None:
    try:
        act()
    except Exception as error:
        log(f"mending {what} failed: {said(error)}")
