"""The same backend on several clusters at once, ours and somebody else's: one address, and the pods of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.availability import ClusterFacts, multi_cluster
from components.settings import BackendSettings
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.baseline_backend import RivalBackend
from lab.testbed.baselines import Rival
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import Ours


class OurSpread(OurBackend):
    """One stack of ours with placements, as `up` deploys it: one cluster after the other."""

    def __init__(
        self,
        stack: Ours,
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
        """Its settings on each cluster."""
        return {site.name: site.backend for site in self._stack.stack.sites}

    @property
    def full(self) -> int:
        """On all clusters."""
        return sum(site.replicas for site in self.sites.values())

    @property
    def weights(self) -> dict[str, int]:
        """What its outputs say of the share that each cluster is to get, in percent."""
        return multi_cluster.weights(self.sites)

    @property
    def health_path(self) -> str:
        """What its outputs say is to be asked."""
        return self._stack.backend.health.readiness_path

    def promised(self, failure: str) -> Limits:
        """The promise over clusters; of what happens on one of them nothing is said here."""
        balancer = self._stack.stack.balancer
        if failure != "cluster" or balancer is None:
            return Limits()
        row = multi_cluster.loss(self.sites, balancer).as_output()["cluster"]
        return Limits(
            failing_seconds=row["errorWindowSeconds"],
            full_with_it=True,
            least_ready=math.ceil(self.full * row["capacityLeftPercent"] / 100),
        )


class RivalSpread(RivalBackend):
    """Somebody else's packaging, applied to each cluster by itself."""

    def __init__(
        self,
        rival: Rival,
        images: tuple[str, str],
        environment: Mapping[str, str],
        *,
        kubectls: Sequence[Callable[..., str]],
        rate: int,
        cpu: str,
    ) -> None:
        def each(*words: str, **more: Any) -> str:
            return "\n".join([kubectl(*words, **more) for kubectl in kubectls])

        super().__init__(rival, images, environment, kubectl=each, rate=rate, cpu=cpu)
        self._clusters = len(kubectls)

    @property
    def full(self) -> int:
        """On all clusters."""
        return self._clusters * self.wish.replicas
