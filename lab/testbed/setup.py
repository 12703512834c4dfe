"""Sets the stage: the cluster with real nodes, and every backend on it, ours and the others'."""

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
from components.inspection.facts import of_cluster
from lab.drills.backend import Backend
from lab.drills.model import Connections
from lab.drills.real_target import RealGround
from lab.testbed.background_load import neighbours
from lab.testbed.baseline_backend import RivalBackend, kubectl_on
from lab.testbed.baselines import RIVALS
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import Ours, on
from ops.cli.pulumi_binary import Engine

# Two nodes in one zone, so that losing a zone is more than losing a node; no more, because all share this machine.
ZONES = ["zone-a", "zone-a", "zone-b", "zone-c"]
RATE, RIVAL_RATE = 200, 30  # requests a second, for each kind of connection; all share two processors
CPU = "100m"  # what each pod asks for: all nodes share this one machine

# As short as is honest: what is promised follows from these, and is measured against it.
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


class Stage:
    """Everything that a run needs, on one cluster; ``close()`` removes it again."""

    ground: RealGround

    def __init__(self, project: Path, folder: Path, log: Callable[[str], None], rivals: Sequence[str] = ()) -> None:
        self._log = log
        self._cluster, self._work = self.place(folder, log)
        clear(self._cluster, self._work)
        self.backends: list[Backend] = []
        self.engine: Engine | None = None
        try:
            self._cluster.start()
            self._kubectl = kubectl_on(binaries.ensure(log, ["kubectl"])["kubectl"], self._cluster.kubeconfig)
            self._set(project, rivals)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def place(folder: Path, log: Callable[[str], None]) -> tuple[EmbeddedCluster, Path]:
        """The cluster, and the folder of all else."""
        return EmbeddedCluster(folder / "cluster", ZONES, real=True, log=log), folder / "work"

    def _set(self, project: Path, rivals: Sequence[str]) -> None:
        self.ground = RealGround(self._cluster, self._log)
        others = neighbours(self.ground.kube, images.SAMPLES["naive"])
        self._kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": others}))
        self._ours(project)
        for name in rivals:
            self.backends.append(
                RivalBackend(RIVALS[name], releases("naive"), NAIVE, kubectl=self._kubectl, rate=RIVAL_RATE, cpu=CPU)
            )

    def _ours(self, project: Path) -> None:
        facts = of_cluster(self.ground.kube.client)
        programs: tuple[tuple[str, str, dict[str, str], dict[str, Any], tuple[Connections, ...], str], ...] = (
            ("podinfo", "ours, well-behaved", PODINFO, {"startupSeconds": 15}, ("new", "reused"), "200m"),
            (
                "naive",
                "ours, naive",
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
            stack = Ours(
                project,
                self._work,
                f"ours-{name}",
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
        """Deploys all backends at once. Raises DrillError."""
        with ThreadPoolExecutor(len(self.backends)) as pool:
            for done in [pool.submit(backend.change) for backend in self.backends]:
                done.result()

    @property
    def where(self) -> str:
        """Whom to ask, where the cluster is kept."""
        return str(self._cluster.kubeconfig)

    @property
    def about(self) -> list[tuple[str, str]]:
        """What a reader must know of it beside what ``lab.testbed.run_info`` says."""
        return []

    def close(self) -> None:
        """Removes the cluster, and everything with it, also where a deployment is under way."""
        for backend in self.backends:
            if isinstance(backend, OurBackend):
                backend.stop()
        clear(self._cluster, self._work)


def clear(cluster: EmbeddedCluster, work: Path) -> None:
    """Removes a cluster, and a folder after it; nothing happens where there is none."""
    cluster.delete()
    shutil.rmtree(work, ignore_errors=True)


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Removes a stage that was kept; nothing happens where there is none."""
    clear(*Stage.place(folder, log))


def releases(name: str) -> tuple[str, str]:
    """A sample image, and one that follows it."""
    return images.SAMPLES[name], images.following(images.SAMPLES[name])
