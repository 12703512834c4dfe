"""The testbed for the loss of a cluster: two clusters with real nodes, a backend on both, a balancer in front."""

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
from lab.drills.multi_cluster_target import MultiClusterTarget
from lab.drills.real_target import RealTarget
from lab.testbed.baseline_backend import kubectl_on
from lab.testbed.baselines import BASELINES
from lab.testbed.haproxy_frontend import Balancer, Frontend
from lab.testbed.multi_cluster_backend import MultiClusterBackend, MultiClusterBaseline
from lab.testbed.our_stack import OurStack, existing
from lab.testbed.setup import BASELINE_RATE, CPU, NAIVE, PODINFO, SETTINGS, releases
from ops.cli.pulumi_binary import Engine, find

NAMES, ZONES = ("east", "west"), ["zone-a", "zone-b"]
BASELINE = "plain"  # the comparison is a balancer without health checks; the packaging matters little
RATE = 100  # requests a second for each kind of connection: each is sent twice, once by the balancer
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
    "the plain manifest is on both clusters, and each request goes to a random one, whatever its state, as "
    "DNS without health checks distributes them"
)


class MultiClusterTestbed:
    """A testbed with several clusters; ``close()`` removes everything."""

    def __init__(self, project: Path, folder: Path, log: Callable[[str], None], baselines: Sequence[str] = ()) -> None:
        self._log, self._folder = log, folder / "multi-cluster"
        shutil.rmtree(self._folder / "work", ignore_errors=True)
        self._clusters = dict(zip(NAMES, _clusters(folder, log), strict=True))
        self.backends: list[Backend] = []
        self._balancer: Balancer | None = None
        self.engine: Engine | None = None
        try:
            _each(self._clusters.values(), EmbeddedCluster.delete)
            _each(self._clusters.values(), EmbeddedCluster.start)
            self.target = MultiClusterTarget({name: RealTarget(one, log) for name, one in self._clusters.items()}, log)
            self._add_component(project)
            if BASELINE in baselines:
                program = binaries.ensure(log, ["kubectl"])["kubectl"]
                self.backends.append(
                    MultiClusterBaseline(
                        BASELINES[BASELINE],
                        releases("naive"),
                        NAIVE,
                        rate=BASELINE_RATE,
                        cpu=CPU,
                        kubectls=[kubectl_on(program, one.kubeconfig) for one in self._clusters.values()],
                    )
                )
        except BaseException:
            self.close()
            raise

    def _add_component(self, project: Path) -> None:
        placements = [
            {"name": name, "cluster": existing(one.kubeconfig, one.context, f"drills-{name}")}
            for name, one in self._clusters.items()
        ]
        stack = OurStack(
            project,
            self._folder / "work",
            "ha-multi-cluster",
            settings=OURS,
            log=self._log,
            where={"ha-backend:placements": placements, "ha-backend:balancer": BALANCER},
        )
        self.engine = stack.engine
        self.backends.append(
            MultiClusterBackend(
                stack,
                "ha-backend, well-behaved",
                releases("podinfo"),
                connections=("new", "reused"),
                rate=RATE,
                environment=PODINFO,
            )
        )

    def deploy(self) -> None:
        """Deploy all backends in parallel, then start the balancer. Raises DrillError or DevClusterError."""
        with ThreadPoolExecutor(len(self.backends)) as pool:
            try:
                for future in [pool.submit(backend.change) for backend in self.backends]:
                    future.result()
            except BaseException:
                self._stop()  # deploying one cluster after the other may take minutes: do not wait for it
                raise
        self._balancer = Balancer(self._frontends(), self._folder / "work" / "balancer")
        self._balancer.start()
        self.target.balancer = self._balancer

    def _frontends(self) -> Iterator[Frontend]:
        for backend, port in zip(self.backends, ports.free_ports(len(self.backends)), strict=True):
            where = {
                name: member.url(backend).removeprefix("http://").rstrip("/")
                for name, member in self.target.members.items()
            }
            if isinstance(backend, MultiClusterBackend):
                yield Frontend(backend.name, port, where, backend.weights, backend.health_path)
            else:
                yield Frontend(backend.name, port, where, dict.fromkeys(where, 100 // len(where)))

    def close(self) -> None:
        """Remove both clusters, even while a deployment is in progress."""
        self._stop()
        if self._balancer:
            self._balancer.stop()
        _each(self._clusters.values(), EmbeddedCluster.delete)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        for backend in self.backends:
            if isinstance(backend, MultiClusterBackend):
                backend.stop()

    @property
    def where(self) -> str:
        """Return the kubeconfigs, for clusters that are kept."""
        return ", ".join(str(one.kubeconfig) for one in self._clusters.values())

    @property
    def about(self) -> list[tuple[str, str]]:
        """Return the facts for the report."""
        return [
            (
                "cluster-loss",
                f"two clusters of its own with {len(ZONES)} real nodes and {OURS['replicas']} verified pods each; "
                f"{RATE} requests a second on each kind of connection to a balancer that checks the health of both; "
                "a cluster that is cut off counts as one without pods",
            )
        ]


def unsupported_reason(project: Path, log: Callable[[str], None]) -> str:
    """Return why no stack can be deployed to several clusters here; "" if one can."""
    return "" if isinstance(find(project, log, install=False), Engine) else "it needs pulumi, which is not installed"


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Remove what a run has kept, or left behind when it was killed."""
    _each(_clusters(folder, log), EmbeddedCluster.delete)
    shutil.rmtree(folder / "multi-cluster", ignore_errors=True)


def _clusters(folder: Path, log: Callable[[str], None]) -> list[EmbeddedCluster]:
    return [EmbeddedCluster(folder / "multi-cluster" / name, ZONES, real_nodes=True, log=log) for name in NAMES]


def _each(clusters: Iterable[EmbeddedCluster], act: Callable[[EmbeddedCluster], object]) -> None:
    with ThreadPoolExecutor(len(NAMES)) as pool:
        list(pool.map(act, clusters))
