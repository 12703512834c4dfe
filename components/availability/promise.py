"""What a backend with these settings survives, in a cluster with these failure domains, and why not where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..settings import BackendSettings
from . import capacity, scheduling
from . import recovery as terms
from .facts import ClusterFacts
from .recovery import Term

# In the order in which they are told: the smallest loss first.
FAILURES = ("pod", "hang", "node", "zone", "drain", "rollout", "release")
NEEDS_TWO = "needs at least 2 replicas: with one pod there is none left while it is replaced"


@dataclass(frozen=True)
class Survival:
    """One failure: whether ready pods remain throughout, the terms of the time until full capacity, and a word on either.

    ``failing``: the terms of the time in which requests from outside may fail, at the most: only the share of them that is
    sent to what is lost, and none where it is not survived at all. ``with_it``: nothing is replaced elsewhere.
    """

    failure: str
    survived: bool
    terms: tuple[Term, ...]
    capacity_left_percent: int
    why: str
    failing: tuple[Term, ...] = ()
    with_it: bool = False

    @property
    def recovery_seconds(self) -> int | None:
        """The sum of the terms; None where full capacity is back only with what was lost, for which there is no number."""
        return None if self.with_it else terms.total(self.terms)

    @property
    def failing_seconds(self) -> int:
        """The sum of the terms of ``failing``: 0 where no request fails, as in every planned change."""
        return terms.total(self.failing)


@dataclass(frozen=True)
class Promise:
    """What is survived, one entry a failure, and what the settings demand."""

    goal: str
    survivals: tuple[Survival, ...]

    def as_input(self) -> dict[str, Any]:
        """The promise without where its numbers come from: what a preview compares, and a state need not hold twice."""
        told = {
            survival.failure: {
                "survived": survival.survived,
                "recoverySeconds": survival.recovery_seconds,
                "errorWindowSeconds": survival.failing_seconds,
                "capacityLeftPercent": survival.capacity_left_percent,
                "why": survival.why,
            }
            for survival in self.survivals
        }
        return {
            failure: {key: value for key, value in row.items() if value is not None} for failure, row in told.items()
        }

    def as_output(self) -> dict[str, Any]:
        """The promise as plain data, for a stack's outputs; keys are failures."""
        rows = self.as_input()
        return {
            survival.failure: {
                **rows[survival.failure],
                "sources": _told(survival.terms),
                "errorWindowSources": _told(survival.failing),
            }
            for survival in self.survivals
        }


def promise(backend: BackendSettings, cluster: ClusterFacts) -> Promise:
    """The promise at the least number of pods. Requests in flight on a pod or node that dies are not covered."""
    cluster = scheduling.reached(backend, cluster)
    pods, two = backend.replicas, backend.replicas >= 2
    start = terms.start(backend)
    budget = min(backend.disruption_budget.max_unavailable, pods)
    return Promise(
        backend.survive,
        (
            Survival(
                "pod",
                two,
                start if two else (),
                _left(pods, 1),
                "the others serve while it is replaced" if two else NEEDS_TWO,
                terms.pod_failing(backend) if two else (),
            ),
            Survival(
                "hang",
                two,
                terms.hang_mended(backend) if two else (),
                _left(pods, 1),
                "a pod that answers nothing is passed over, then started again" if two else NEEDS_TWO,
                terms.hang_failing(backend) if two else (),
            ),
            _node(backend, cluster),
            _zone(backend, cluster),
            Survival(
                "drain",
                budget < pods,
                start if budget < pods else (),
                _left(pods, budget),
                f"the disruption budget lets {budget} go at a time" if two else NEEDS_TWO,
            ),
            Survival(
                "rollout", True, terms.rollout(backend), 100, "new pods are ready before old ones are told to stop"
            ),
            Survival(
                "release",
                True,
                terms.bad_release(backend),
                100,
                "old pods serve on while `pulumi up` fails and names what is wrong",
            ),
        ),
    )


def _node(backend: BackendSettings, cluster: ClusterFacts) -> Survival:
    hosts, pods = capacity.domains_of("node", backend.replicas, cluster), backend.replicas
    if hosts >= 2:
        return Survival(
            "node",
            True,
            terms.node_replaced(backend),
            _left(pods, capacity.lost("node", pods, cluster)),
            f"pods are spread over {hosts} nodes{_certainty(backend)}, and {_back(backend, 'elsewhere', 'node')}",
            terms.node_failing(backend),
            with_it=backend.edge is not None,
        )
    why = (
        NEEDS_TWO
        if pods < 2
        else "the cluster has one node"
        if cluster.nodes is not None
        else "no nodes are known: name their zones in cluster.zones"
    )
    return Survival("node", False, (), 0, why)


def _zone(backend: BackendSettings, cluster: ClusterFacts) -> Survival:
    zones, pods = capacity.domains_of("zone", backend.replicas, cluster), backend.replicas
    if zones >= 2:
        return Survival(
            "zone",
            True,
            terms.zone_replaced(backend, cluster.nodes_per_zone),
            _left(pods, capacity.lost("zone", pods, cluster)),
            f"pods are spread over {zones} zones{_certainty(backend)}, and {_back(backend, 'in the others', 'zone')}",
            terms.node_failing(backend),
            with_it=backend.edge is not None,
        )
    if pods < 2:
        why = NEEDS_TWO
    elif zones:
        why = "the cluster has one zone"
    else:
        why = "no node has a zone label" if cluster.zones_known else "no zones are known: name them in cluster.zones"
    return Survival("zone", False, (), 0, why)


def _back(backend: BackendSettings, where: str, lost: str) -> str:
    return (
        f"stay bound to a lost one: full capacity is back with the {lost}, whenever that is"
        if backend.edge
        else f"replaced {where}"
    )


def _certainty(backend: BackendSettings) -> str:
    return "" if backend.placement.spread == "hard" else ", evenly where there is room"


def _told(sum_of: tuple[Term, ...]) -> list[str]:
    return [term.told for term in sum_of]


def _left(pods: int, lost: int) -> int:
    return 100 * (pods - lost) // pods
