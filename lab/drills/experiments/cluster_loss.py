"""Cluster loss: one of several clusters is cut off entirely, control plane and nodes, and returns later."""

from __future__ import annotations

from collections.abc import Mapping

from lab.drills.backend import Backend
from lab.drills.drill import CLUSTERS, ENGINE, TRAFFIC, Drill, DrillContext, promise_row
from lab.drills.target import ClusterTraffic, pause

LOST_SECONDS, BACK_SECONDS, LOOK_SECONDS = 20, 30, 3
_NEARLY = 0.8  # of its share: receiving some requests again does not yet mean receiving its share


def _act(context: DrillContext) -> None:
    verified = context.under_test[0]
    before = {backend.name: context.target.traffic(backend) for backend in context.backends}
    lost = context.target.cut_cluster(verified)
    context.log(f"cluster {lost} is cut off")
    pause(LOST_SECONDS)
    for backend in context.under_test:
        _check_others(context, backend, lost, difference(before[backend.name], context.target.traffic(backend)))
    context.target.restore_clusters()
    context.note(f"cluster {lost} is back")
    for backend in context.under_test:
        _check_balance(context, backend, lost)


def _check_others(context: DrillContext, backend: Backend, lost: str, traffic: Mapping[str, ClusterTraffic]) -> None:
    """Check that only requests to the lost cluster failed, as the promise says."""
    for name, one in traffic.items():
        context.log(
            f"{backend.name}: cluster {name} received {one.requests:,} requests, of which {one.failed:,} failed"
        )
        if name != lost and (one.failed or not one.requests):
            context.violated(
                backend,
                f"cluster {name} was not lost, but {one.failed:,} of the {one.requests:,} requests sent to it failed",
            )


def _check_balance(context: DrillContext, backend: Backend, lost: str) -> None:
    """Wait until the cluster receives its share again."""
    for seconds in range(LOOK_SECONDS, BACK_SECONDS + 1, LOOK_SECONDS):
        before = context.target.traffic(backend)
        pause(LOOK_SECONDS)
        if takes_its_share(difference(before, context.target.traffic(backend)), lost):
            context.note(f"cluster {lost} receives its share again")
            context.log(f"{backend.name}: cluster {lost} receives its share again {seconds} s after its return")
            return
    context.violated(backend, f"cluster {lost} did not receive its share again within {BACK_SECONDS} s of its return")


def difference(before: Mapping[str, ClusterTraffic], after: Mapping[str, ClusterTraffic]) -> dict[str, ClusterTraffic]:
    """Return the traffic between two counts."""
    return {
        name: ClusterTraffic(one.requests - before[name].requests, one.failed - before[name].failed, one.weight)
        for name, one in after.items()
    }


def takes_its_share(traffic: Mapping[str, ClusterTraffic], cluster: str) -> bool:
    """Report whether a cluster received about the share of its weight, and answered all of it."""
    one, total = traffic[cluster], sum(other.requests for other in traffic.values())
    return one.requests >= _NEARLY * total * one.weight / 100 > 0 and not one.failed


def _restore(context: DrillContext) -> None:
    context.target.restore_clusters()


DRILL = Drill(
    "cluster-loss",
    "cluster lost: no network",
    _act,
    promise_row("cluster"),
    "failures end with the balancer's health check, the other cluster loses nothing, the balance returns",
    restore=_restore,
    needs=frozenset({CLUSTERS, ENGINE, TRAFFIC}),
    seconds=45,
    recovery_timeout=30,
    unknown_seconds=10,
)
