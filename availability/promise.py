"""What a backend with these settings survives, in a cluster with these failure domains, and why not where it does not."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from availability import timing
from settings import BackendSettings

NEEDS_TWO = "needs at least 2 replicas: with one pod there is none left while it is replaced"


@dataclass(frozen=True)
class Survival:
    """One failure: whether it is survived without an outage, seconds until full capacity, and a word on either."""

    failure: str
    survived: bool
    recovery_seconds: int
    capacity_left_percent: int
    why: str


@dataclass(frozen=True)
class Promise:
    """What is survived, one entry a failure."""

    survivals: tuple[Survival, ...]

    def as_output(self) -> dict[str, Any]:
        """The promise as plain data, for a stack's outputs; keys are failures."""
        rows = {}
        for survival in self.survivals:
            row = asdict(survival)
            rows[row.pop("failure")] = {"survived": row["survived"], "recoverySeconds": row["recovery_seconds"],
                                        "capacityLeftPercent": row["capacity_left_percent"], "why": row["why"]}
        return rows


def promise(backend: BackendSettings, zones: int, nodes: int = 0) -> Promise:
    """The promise at the least number of pods, for a cluster with ``zones`` known zones and ``nodes`` known nodes (0: unknown).

    "Survived" means that ready pods remain throughout. Requests in flight on a pod or node that dies are not covered.
    """
    pods = backend.replicas
    start = backend.health.startup_seconds + backend.rollout.min_ready_seconds
    two = pods >= 2
    waves = math.ceil(pods / timing.surge(pods))
    spread = min(zones, pods)
    lost_in_zone = math.ceil(pods / spread) if spread else pods
    hosts = min(max(nodes, zones), pods)  # every zone has at least one node
    lost_on_node = math.ceil(pods / hosts) if hosts else pods
    return Promise((
        Survival("pod", two, start, _left(pods, 1), "the others serve while it is replaced" if two else NEEDS_TWO),
        Survival("rollout", True, waves * start, 100, "new pods are ready before old ones are told to stop"),
        # One replica: the budget lets it go (a drain must never hang), so there is a gap.
        Survival("drain", two, start, _left(pods, 1), "the disruption budget lets one pod go at a time" if two else NEEDS_TWO),
        Survival("node", hosts >= 2, timing.node_loss_recovery(backend) if hosts >= 2 else 0, _left(pods, lost_on_node),
                 f"pods are spread over at least {hosts} nodes, and replaced elsewhere" if hosts >= 2
                 else _why_not_nodes(nodes, pods)),
        Survival("zone", spread >= 2, timing.node_loss_recovery(backend) if spread >= 2 else 0, _left(pods, lost_in_zone),
                 f"pods are spread over {spread} zones" if spread >= 2 else _why_not_zones(zones, pods)),
    ))


def _left(pods: int, lost: int) -> int:
    return 100 * (pods - lost) // pods


def _why_not_zones(zones: int, pods: int) -> str:
    if pods < 2:
        return NEEDS_TWO
    return "the cluster has one zone" if zones == 1 else "no zones are known: name them in cluster.zones"


def _why_not_nodes(nodes: int, pods: int) -> str:
    if pods < 2:
        return NEEDS_TWO
    return "the cluster has one node" if nodes == 1 else "no nodes are known: name their zones in cluster.zones"
