"""The testbed of most drills: a cluster with real nodes, this project's component, and baselines."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from components.devcluster import binaries, images
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes.haproxy import CHECK_SECONDS
from components.inspection.cluster_reader import read_cluster_facts
from lab.drills.backend import Backend
from lab.drills.model import Connections
from lab.drills.real_target import RealTarget
from lab.testbed.background_load import background_pods
from lab.testbed.baseline_backend import BaselineBackend, kubectl_on
from lab.testbed.baselines import BASELINES
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import OurStack, on
from ops.cli.pulumi_binary import Engine

# Two nodes in one zone, so that losing a zone is more than losing a node; no more, because all share this machine.
ZONES = ["zone-a", "zone-a", "zone-b", "zone-c"]
RATE, BASELINE_RATE = 200, 30  # requests a second for each kind of connection; all share two processors
CPU = "100m"  # requested by each pod: all nodes share this one machine

# As short as is realistic: the promise is computed from these settings, and measured against them.
SETTINGS: dict[str, Any] = {
    "survive": "zone",
    "replicas": 3,
    "autoscaling": {"enabled": True, "maxReplicas": 5, "cpuPercent": 40, "scaleDownStabilizationSeconds": 15},
    "resources": {"requests": {"cpu": CPU, "memory": "64Mi"}, "limits": {"cpu": "1000m", "memory": "256Mi"}},
    "rollout": {"minReadySeconds": 1, "progressDeadlineSeconds": 30},
    "loadBalancer": {"healthCheckSeconds": CHECK_SECONDS},
    "shutdown": {"deregistrationSeconds": 8, "drainSeconds": 5},
}
PODINFO = {"PODINFO_PORT": "8080"}
NAIVE = {"PORT": "8080", "START_SECONDS": "3", "ANSWER_MILLISECONDS": "20"}


class NodesTestbed:
    """Everything that a run needs on one cluster; ``close()`` removes it."""

    target: RealTarget

    def __init__(self, project: Path, folder: Path, log: Callable[[str], None], baselines: Sequence[str] = ()) -> None:
        self._log = log
        self._cluster, self._work = self.locate(folder, log)
        clear(self._cluster, self._work)
        self.backends: list[Backend] = []
        self.engine: Engine | None = None
        try:
            self._cluster.start()
            self._kubectl = kubectl_on(binaries.ensure(log, ["kubectl"])["kubectl"], self._cluster.kubeconfig)
            self._set_up(project, baselines)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def locate(folder: Path, log: Callable[[str], None]) -> tuple[EmbeddedCluster, Path]:
        """Return the cluster, and the folder of everything else."""
        return EmbeddedCluster(folder / "cluster", ZONES, real_nodes=True, log=log), folder / "work"

    def _set_up(self, project: Path, baselines: Sequence[str]) -> None:
        self.target = RealTarget(self._cluster, self._log)
        pods = background_pods(self.target.kube, images.SAMPLES["naive"])
        self._kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": pods}))
        self._add_component(project)
        for name in baselines:
            self.backends.append(
                BaselineBackend(
                    BASELINES[name], releases("naive"), NAIVE, kubectl=self._kubectl, rate=BASELINE_RATE, cpu=CPU
                )
            )

    def _add_component(self, project: Path) -> None:
        facts = read_cluster_facts(self.target.kube.client)
        programs: tuple[tuple[str, str, dict[str, str], dict[str, Any], tuple[Connections, ...], str], ...] = (
            ("podinfo", "ha-backend, well-behaved", PODINFO, {"startupSeconds": 15}, ("new", "reused"), "200m"),
            (
                "naive",
                "ha-backend, naive",
                NAIVE,
                {"startupSeconds": 15, "startupPath": "/", "readinessPath": "/ready", "livenessPath": "/"},
                ("new",),
                CPU,
            ),
        )
        for name, title, environment, health, kinds, cpu in programs:
            settings = {
                **SETTINGS,
                "image": images.SAMPLES[name],
                "environment": environment,
                "health": health,
                "resources": {**SETTINGS["resources"], "requests": {"cpu": cpu, "memory": "64Mi"}},
            }
            stack = OurStack(
                project,
                self._work,
                f"ha-{name}",
                where=on(self._cluster.kubeconfig, self._cluster.context),
                settings=settings,
                log=self._log,
            )
            self.engine = stack.engine
            self.backends.append(
                OurBackend(
                    stack, title, releases(name), facts=facts, connections=kinds, rate=RATE, environment=environment
                )
            )

    def deploy(self) -> None:
        """Deploy all backends in parallel. Raises DrillError."""
        with ThreadPoolExecutor(len(self.backends)) as pool:
            for future in [pool.submit(backend.change) for backend in self.backends]:
                future.result()

    @property
    def where(self) -> str:
        """Return the kubeconfig, for a cluster that is kept."""
        return str(self._cluster.kubeconfig)

    @property
    def about(self) -> list[tuple[str, str]]:
        """Return the facts for the report, in addition to ``lab.testbed.run_info``."""
        return []

    def close(self) -> None:
        """Remove the cluster, even while a deployment is in progress."""
        for backend in self.backends:
            if isinstance(backend, OurBackend):
                backend.stop()
        clear(self._cluster, self._work)


def clear(cluster: EmbeddedCluster, work: Path) -> None:
    """Delete a cluster, then its work folder."""
    cluster.delete()
    shutil.rmtree(work, ignore_errors=True)


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Remove a testbed that was kept; do nothing without one."""
    clear(*NodesTestbed.locate(folder, log))


def releases(name: str) -> tuple[str, str]:
    """Return a sample image, and its next release."""
    return images.SAMPLES[name], images.next_release(images.SAMPLES[name])
