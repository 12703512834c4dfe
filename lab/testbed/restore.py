"""Restore a testbed to its initial state after a failed drill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lab.drills.backend import Backend, DesiredState
from lab.drills.drill import DrillContext
from lab.drills.steady import steady
from lab.testbed.context import Testbed

Log = Callable[[str], None]


class TestbedError(Exception):
    """The testbed does not become steady again: measuring on it would prove nothing."""

    __test__ = False  # the name is no test class


def ensure_steady(testbed: Testbed, desired_states: Mapping[str, DesiredState], log: Log, *, healthy: bool) -> None:
    """Wait until everything is steady; repair first if it is not ``healthy``, or does not become steady.

    Raises TestbedError.
    """
    if not healthy:
        repair(testbed, desired_states, log)
    context = DrillContext(testbed.backends, testbed.target, log)
    try:
        steady(context)
        return
    except Exception as error:
        log(f"not steady: {one_line(error)}")
    repair(testbed, desired_states, log)
    try:
        steady(context)
    except Exception as error:
        raise TestbedError(
            f"the testbed cannot be repaired, it was not steady twice in a row: {one_line(error)}"
        ) from None


def repair(testbed: Testbed, desired_states: Mapping[str, DesiredState], log: Log) -> None:
    """Restore control plane, nodes and backends as far as possible: the steady state shows whether that was enough."""
    log("repairing: control plane, nodes, backends")
    target = testbed.target
    _try("control plane", target.start_control_plane, log)
    _try("nodes", lambda: _nodes(testbed), log)

    def redeploy(backend: Backend) -> None:
        state = desired_states[backend.name]
        # A rotation is never undone; the rest is as in the beginning.
        backend.change(
            image=state.image, environment=dict(state.environment), replicas=state.replicas, autoscaled=state.autoscaled
        )

    with ThreadPoolExecutor(max(1, len(testbed.backends))) as pool:
        list(pool.map(lambda backend: _try(backend.name, lambda: redeploy(backend), log), testbed.backends))


def one_line(error: BaseException) -> str:
    """Return an error's message in one line; its type without one."""
    return " ".join(str(error).split())[:400] or type(error).__name__


def _nodes(testbed: Testbed) -> None:
    kube = testbed.target.kube
    nodes = kube.nodes()
    for node in nodes:
        if node.spec.unschedulable:
            kube.cordon(node.metadata.name, closed=False)
    ready = set(kube.ready_nodes())
    # A node that was cordoned keeps its taint for a moment. If it is lost as well, the next repair finds it.
    lost = [node.metadata.name for node in nodes if node.metadata.name not in ready and not node.spec.unschedulable]
    if lost:
        testbed.target.restore(lost)


def _try(what: str, act: Callable[[], object], log: Log) -> None:
    try:
        act()
    except Exception as error:
        log(f"repairing {what} failed: {one_line(error)}")
