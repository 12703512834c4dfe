"""What a backend survives with these settings in these failure domains, and why not if it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..settings import BackendSettings, probes
from ..settings.pod_template import reader
from . import capacity, recovery, scheduling, timing
from .facts import ClusterFacts
from .recovery import Term

# In the order in which they are printed, from the smallest loss to the planned changes.
FAILURES = ("pod", "hang", "node", "zone", "drain", "rollout", "release")
NEEDS_TWO = "needs at least 2 replicas: a single pod leaves no capacity while it is replaced"


@dataclass(frozen=True)
class Survival:
    """One row of the promise: whether ready pods remain throughout a failure, at what cost, and why.

    ``terms`` add up to the time until full capacity. ``error_window`` holds the terms of the time in which requests
    from outside may fail: a worst case, and only for the share of requests routed to what is lost. It is empty if the
    failure is not survived. ``bound_to_domain``: nothing replaces what was lost.
    """

    failure: str
    survived: bool
    terms: tuple[Term, ...]
    capacity_left_percent: int
    why: str
    error_window: tuple[Term, ...] = ()
    bound_to_domain: bool = False

    @property
    def recovery_seconds(self) -> int | None:
        """Seconds until full capacity. None if it returns only with what was lost, for which there is no number."""
        return None if self.bound_to_domain else recovery.total(self.terms)

    @property
    def error_window_seconds(self) -> int:
        """Seconds in which requests may fail. 0 if none fails, as in every planned change."""
        return recovery.total(self.error_window)


@dataclass(frozen=True)
class Promise:
    """What the settings demand (``goal``), and one row per failure."""

    goal: str
    survivals: tuple[Survival, ...]

    def as_input(self) -> dict[str, Any]:
        """Return the promise without the sources of its numbers.

        A preview compares it, and the state does not store the sources twice.
        """
        rows = {
            survival.failure: {
                "survived": survival.survived,
                "recoverySeconds": survival.recovery_seconds,
                "errorWindowSeconds": survival.error_window_seconds,
                "capacityLeftPercent": survival.capacity_left_percent,
                "why": survival.why,
            }
            for survival in self.survivals
        }
        return {
            failure: {key: value for key, value in row.items() if value is not None} for failure, row in rows.items()
        }

    def as_output(self) -> dict[str, Any]:
        """Return the promise as plain data for the stack's outputs. Keys are failures."""
        rows = self.as_input()
        return {
            survival.failure: {
                **rows[survival.failure],
                "sources": _sources(survival.terms),
                "errorWindowSources": _sources(survival.error_window),
            }
            for survival in self.survivals
        }


def promise(backend: BackendSettings, cluster: ClusterFacts) -> Promise:
    """Return the promise at `replicas` pods. Requests in flight on a pod or node that dies are not covered."""
    cluster = scheduling.eligible_facts(backend, cluster)
    pods, two = backend.replicas, backend.replicas >= 2
    start = recovery.pod_start(backend)
    return Promise(
        backend.survive,
        (
            Survival(
                "pod",
                two,
                start if two else (),
                _capacity_left(pods, 1),
                "the other pods serve while it is replaced" if two else NEEDS_TWO,
                recovery.pod_error_window(backend) if two else (),
            ),
            _hang(backend),
            _node(backend, cluster),
            _zone(backend, cluster),
            _drain(backend),
            _rollout(backend),
            Survival(
                "release",
                True,
                recovery.failed_release(backend),
                100,
                "old pods keep serving while `pulumi up` fails and names the cause",
            ),
        ),
    )


def _hang(backend: BackendSettings) -> Survival:
    pods, restart = backend.replicas, recovery.hang_restart(backend)
    left = _capacity_left(pods, 1)
    if pods < 2:
        return Survival("hang", False, (), left, NEEDS_TWO)
    if probes.readiness(backend).only_connects:
        why = "the readiness probe only connects: a pod that accepts connections and never answers stays an endpoint"
        return Survival("hang", False, (), left, why)
    after = "then restarted" if restart else "and nothing restarts it, because it has no liveness probe"
    return Survival(
        "hang",
        True,
        restart,
        left,
        f"a pod that does not respond is removed from the endpoints, {after}",
        recovery.hang_error_window(backend),
        bound_to_domain=not restart,
    )


def _drain(backend: BackendSettings) -> Survival:
    pods, two = backend.replicas, backend.replicas >= 2
    disruptions = backend.evictable(pods)
    survived = disruptions < pods
    allowed = f"the disruption budget allows {disruptions} pod{'s' if disruptions > 1 else ''} to be evicted at a time"
    return Survival(
        "drain",
        survived,
        recovery.pod_start(backend) if survived else (),
        _capacity_left(pods, disruptions),
        allowed + _hook_caveat(backend) if two else NEEDS_TWO,
    )


def _rollout(backend: BackendSettings) -> Survival:
    pods, taken = backend.replicas, min(backend.replicas, timing.unavailable(backend, backend.replicas))
    caveat = _hook_caveat(backend)
    if taken == 0:
        return Survival(
            "rollout", True, recovery.rollout(backend), 100, f"new pods are ready before old ones terminate{caveat}"
        )
    pace = f"a rollout takes {taken} pod{'s' if taken > 1 else ''} at a time before new ones are ready{caveat}"
    if taken == pods:
        return Survival("rollout", False, (), 0, f"{pace}, and no other is left")
    return Survival("rollout", True, recovery.rollout(backend), _capacity_left(pods, taken), pace)


def _hook_caveat(backend: BackendSettings) -> str:
    if reader.pre_stop(backend.pod_template) is None:
        return ""
    return f", if the preStop hook of the pod template serves on for {backend.shutdown.deregistration_seconds} s"


def _node(backend: BackendSettings, cluster: ClusterFacts) -> Survival:
    nodes, pods = capacity.domain_count("node", backend.replicas, cluster), backend.replicas
    if nodes >= 2:
        return Survival(
            "node",
            True,
            recovery.node_replacement(backend),
            _capacity_left(pods, capacity.pods_lost("node", pods, cluster)),
            f"pods are spread over {nodes} nodes{_spread_caveat(backend)}, and {_replacement(backend, 'node')}",
            recovery.node_error_window(backend),
            bound_to_domain=backend.edge is not None,
        )
    why = (
        NEEDS_TWO
        if pods < 2
        else "the cluster has only one node"
        if cluster.nodes is not None
        else "the nodes are unknown: set cluster.zones"
    )
    return Survival("node", False, (), 0, why)


def _zone(backend: BackendSettings, cluster: ClusterFacts) -> Survival:
    zones, pods = capacity.domain_count("zone", backend.replicas, cluster), backend.replicas
    if zones >= 2:
        return Survival(
            "zone",
            True,
            recovery.zone_replacement(backend, cluster.nodes_per_zone),
            _capacity_left(pods, capacity.pods_lost("zone", pods, cluster)),
            f"pods are spread over {zones} zones{_spread_caveat(backend)}, and {_replacement(backend, 'zone')}",
            recovery.node_error_window(backend),
            bound_to_domain=backend.edge is not None,
        )
    if pods < 2:
        why = NEEDS_TWO
    elif zones:
        why = "the cluster has only one zone"
    else:
        why = "no node has a zone label" if cluster.zones_known else "the zones are unknown: set cluster.zones"
    return Survival("zone", False, (), 0, why)


def _replacement(backend: BackendSettings, domain: str) -> str:
    if backend.edge:
        return f"stay bound to a lost {domain}: full capacity returns with that {domain}"
    return f"replaced in another {domain}" if domain == "zone" else f"replaced on another {domain}"


def _spread_caveat(backend: BackendSettings) -> str:
    return "" if backend.placement.spread == "hard" else ", evenly if capacity allows"


def _sources(terms: tuple[Term, ...]) -> list[str]:
    return [term.text for term in terms]


def _capacity_left(pods: int, lost: int) -> int:
    return 100 * (pods - lost) // pods
