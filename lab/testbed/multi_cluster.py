"""Sets the stage for the loss of a cluster: two small clusters with real nodes, one backend on both, a balancer over them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from components.devcluster import binaries, images, ports
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes.haproxy import CHECK_SECONDS
from lab.drills.backend import Backend
from lab.drills.multi_cluster_target import SeveralGround
from lab.drills.real_target import RealGround
from lab.testbed.baseline_backend import kubectl_on
from lab.testbed.baselines import RIVALS
from lab.testbed.haproxy_frontend import Balancer, Front
from lab.testbed.multi_cluster_backend import OurSpread, RivalSpread
from lab.testbed.our_stack import Ours, existing
from lab.testbed.setup import CPU, NAIVE, PODINFO, RIVAL_RATE, SETTINGS, releases
from ops.cli.pulumi_binary import Engine, find

NAMES, ZONES = ("east", "west"), ["zone-a", "zone-b"]
RIVAL = "plain"  # what is beside ours is that nobody asks for a cluster's health; the packaging matters little
RATE = 100  # requests a second, for each kind of connection: each is sent twice, by the balancer as well
BALANCER = {"healthCheckSeconds": CHECK_SECONDS, "ttlSeconds": 0}  # one address for all clusters
OURS: dict[str, Any] = {
    **SETTINGS,
    "replicas": 2,
    "image": images.SAMPLES["podinfo"],
    "environment": PODINFO,
    "health": {"startupSeconds": 15},
    "resources": {**SETTINGS["resources"], "requests": {"cpu": "200m", "memory": "64Mi"}},
}
REMARK = (
    "the plain manifest is on both clusters, and each request goes to one of them by lot, whether it lives or not, as "
    "DNS without a health check spreads them"
)


class Several:
    """As ``lab.testbed.setup.Stage``, for the drills that take several clusters; ``close()`` removes everything again."""

    def __init__(self, project: Path, folder: Path, log: Callable[[str], None], rivals: Sequence[str] = ()) -> None:
        self._log, self._folder = log, folder / "several"
        shutil.rmtree(self._folder / "work", ignore_errors=True)
        self._clusters = dict(zip(NAMES, _clusters(folder, log), strict=True))
        self.backends: list[Backend] = []
        self._balancer: Balancer | None = None
        self.engine: Engine | None = None
        try:
            _each(self._clusters.values(), EmbeddedCluster.delete)
            _each(self._clusters.values(), EmbeddedCluster.start)
            self.ground = SeveralGround({name: RealGround(one, log) for name, one in self._clusters.items()}, log)
            self._ours(project)
            if RIVAL in rivals:
                program = binaries.ensure(log, ["kubectl"])["kubectl"]
                self.backends.append(
                    RivalSpread(
                        RIVALS[RIVAL],
                        releases("naive"),
                        NAIVE,
                        rate=RIVAL_RATE,
                        cpu=CPU,
                        kubectls=[kubectl_on(program, one.kubeconfig) for one in self._clusters.values()],
                    )
                )
        except BaseException:
            self.close()
            raise

    def _ours(self, project: Path) -> None:
        placements = [
            {"name": name, "cluster": existing(one.kubeconfig, one.context, f"drills-{name}")}
            for name, one in self._clusters.items()
        ]
        stack = Ours(
            project,
            self._folder / "work",
            "ours-several",
            settings=OURS,
            log=self._log,
            where={"ha-backend:placements": placements, "ha-backend:balancer": BALANCER},
        )
        self.engine = stack.engine
        self.backends.append(
            OurSpread(
                stack,
                "ours, well-behaved",
                releases("podinfo"),
                connections=("new", "reused"),
                rate=RATE,
                environment=PODINFO,
            )
        )

    def deploy(self) -> None:
        """Deploys all backends at once, and puts the balancer in front of them. Raises DrillError or LocalError."""
        with ThreadPoolExecutor(len(self.backends)) as pool:
            try:
                for done in [pool.submit(backend.change) for backend in self.backends]:
                    done.result()
            except BaseException:
                self._stop()  # one cluster after the other may take minutes, which nobody waits for any more
                raise
        self._balancer = Balancer(self._fronts(), self._folder / "work" / "balancer")
        self._balancer.start()
        self.ground.balancer = self._balancer

    def _fronts(self) -> Iterator[Front]:
        for backend, port in zip(self.backends, ports.free(len(self.backends)), strict=True):
            where = {
                name: member.url(backend).removeprefix("http://").rstrip("/")
                for name, member in self.ground.members.items()
            }
            if isinstance(backend, OurSpread):
                yield Front(backend.name, port, where, backend.weights, backend.health_path)
            else:
                yield Front(backend.name, port, where, dict.fromkeys(where, 100 // len(where)))

    def close(self) -> None:
        """Removes both clusters, and everything with them, also where a deployment is under way."""
        self._stop()
        if self._balancer:
            self._balancer.stop()
        _each(self._clusters.values(), EmbeddedCluster.delete)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        for backend in self.backends:
            if isinstance(backend, OurSpread):
                backend.stop()

    @property
    def where(self) -> str:
        """Whom to ask, where the clusters are kept."""
        return ", ".join(str(one.kubeconfig) for one in self._clusters.values())

    @property
    def about(self) -> list[tuple[str, str]]:
        """What a reader must know of it."""
        return [
            (
                "cluster-loss",
                f"two clusters of its own, {len(ZONES)} real nodes and {OURS['replicas']} pods of ours each, "
                f"{RATE} requests a second on each kind of connection to a balancer over both, which asks "
                "each for its health; a cluster that is cut off counts as one without pods",
            )
        ]


def lacks(project: Path, log: Callable[[str], None]) -> str:
    """Why no stack can be deployed to several clusters here; empty where it can."""
    return "" if isinstance(find(project, log, install=False), Engine) else "it needs pulumi, which is not here"


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Removes what a run has kept, or left when it was killed; nothing happens where there is nothing."""
    _each(_clusters(folder, log), EmbeddedCluster.delete)
    shutil.rmtree(folder / "several", ignore_errors=True)


def _clusters(folder: Path, log: Callable[[str], None]) -> list[EmbeddedCluster]:
    return [EmbeddedCluster(folder / "several" / name, ZONES, real=True, log=log) for name in NAMES]


def _each(clusters: Iterable[EmbeddedCluster], act: Callable[[EmbeddedCluster], object]) -> None:
    with ThreadPoolExecutor(len(NAMES)) as pool:
        list(pool.map(act, clusters))
