"""Backends on several clusters, of this project and of a baseline: one address for the pods of all clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.availability import ClusterFacts, cluster_loss
from components.settings import BackendSettings, probes
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.baseline_backend import BaselineBackend
from lab.testbed.baselines import Baseline
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import OurStack


class MultiClusterBackend(OurBackend):
    """A stack with placements, which `up` deploys to one cluster after the other."""

    def __init__(
        self,
        stack: OurStack,
        title: str,
        images: tuple[str, str],
        *,
        connections: tuple[Connections, ...],
        rate: int,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(
            stack, title, images, facts=ClusterFacts(), connections=connections, rate=rate, environment=environment
        )

    @property
    def sites(self) -> dict[str, BackendSettings]:
        """Return its settings on each cluster."""
        return {site.name: site.backend for site in self._stack.stack.sites}

    @property
    def full(self) -> int:
        """Return the replicas on all clusters."""
        return sum(site.replicas for site in self.sites.values())

    @property
    def weights(self) -> dict[str, int]:
        """Return each cluster's share in percent, as in the stack's outputs."""
        return cluster_loss.weights(self.sites)

    @property
    def health_path(self) -> str:
        """Return the health path, as in the stack's outputs."""
        return probes.readiness(self._stack.backend).http_path or ""

    def promised(self, failure: str) -> Limits:
        """Return the limits for the loss of a cluster; none for failures within a cluster."""
        balancer = self._stack.stack.balancer
        if failure != "cluster" or balancer is None:
            return Limits()
        row = cluster_loss.loss(self.sites, balancer).as_output()["cluster"]
        return Limits(
            error_window_seconds=row["errorWindowSeconds"],
            full_after_restore=True,
            least_ready=math.ceil(self.full * row["capacityLeftPercent"] / 100),
        )


class MultiClusterBaseline(BaselineBackend):
    """A baseline that is applied to each cluster separately."""

    def __init__(
        self,
        baseline: Baseline,
        images: tuple[str, str],
        environment: Mapping[str, str],
        *,
        kubectls: Sequence[Callable[..., str]],
        rate: int,
        cpu: str,
    ) -> None:
        def each(*words: str, **more: Any) -> str:
            return "\n".join([kubectl(*words, **more) for kubectl in kubectls])

        super().__init__(baseline, images, environment, kubectl=each, rate=rate, cpu=cpu)
        self._clusters = len(kubectls)

    @property
    def full(self) -> int:
        """Return the replicas on all clusters."""
        return self._clusters * self.desired.replicas
