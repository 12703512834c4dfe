"""The testbed of many simulated nodes, with one backend of many pods: decisions at that size, endpoints only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from components.inspection.cluster_reader import read_cluster_facts
from lab.drills.drill import ENGINE
from lab.drills.simulated_target import SimulatedTarget
from lab.testbed.context import Setup, supported_drills
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import OurStack, on
from ops.cli.pulumi_binary import Engine

ZONES = ["zone-a", "zone-b", "zone-c"]
PER_ZONE, PODS = 10, 900
MAX_PODS = 1000  # the maximum of the settings; the difference to PODS leaves capacity to scale in
_BUDGET_SHARE = 30  # a drain may evict one of so many pods at a time: about as many as one node holds

IMAGES = ("ha-backend.local/simulated:1", "ha-backend.local/simulated:2")  # never pulled

# The promise follows from these. A simulated pod is ready after one or two seconds. If hundreds start at once, this
# machine and the controllers, which send 20 requests a second by default, take longer than any single pod.
SETTINGS: dict[str, Any] = {
    "survive": "zone",
    "image": IMAGES[0],
    "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}},
    "health": {"startupSeconds": 30},
    "rollout": {"minReadySeconds": 2, "progressDeadlineSeconds": 180},
    "loadBalancer": {"healthCheckSeconds": 5},
    "shutdown": {"deregistrationSeconds": 8, "drainSeconds": 1},
}


def simulated(
    project: Path,
    folder: Path,
    log: Callable[[str], None],
    *,
    per_zone: int = PER_ZONE,
    pods: int = PODS,
    max_pods: int = MAX_PODS,
    engine: Engine | str | None = None,
) -> Setup:
    """Start the cluster in ``folder`` and deploy the backend, after removing what an earlier run has left there.

    ``per_zone`` nodes in each of three zones; ``pods`` is the minimum of replicas, ``max_pods`` the maximum.
    ``engine``: see ``lab.testbed.our_stack.OurStack``. Raises DevClusterError, SettingsError or DrillError, and leaves
    nothing behind then.
    """
    if not 3 <= pods < max_pods <= MAX_PODS:
        raise DevClusterError(f"pods: {pods} to {max_pods} is out of range: use at least 3, and at most {MAX_PODS}")
    shutil.rmtree(folder / "work", ignore_errors=True)
    cluster = EmbeddedCluster(folder / "cluster", ZONES, per_zone, log=log, losable=True)
    cluster.delete()
    stacks: list[OurStack] = []

    def close() -> None:
        for stack in stacks:
            stack.stop()
        cluster.delete()
        shutil.rmtree(folder / "work", ignore_errors=True)

    try:
        cluster.start()
        target = SimulatedTarget(cluster, log)
        settings = {
            **SETTINGS,
            "replicas": pods,
            "disruptionBudget": {"maxUnavailable": max(1, pods // _BUDGET_SHARE)},
            "autoscaling": {"enabled": True, "maxReplicas": max_pods, "scaleDownStabilizationSeconds": 15},
        }
        stack = OurStack(
            project,
            folder / "work",
            "ha-large",
            where=on(cluster.kubeconfig, cluster.context),
            log=log,
            settings=settings,
            engine=engine,
        )
        stacks.append(stack)
        backend = OurBackend(
            stack,
            f"ha-backend, {pods} pods",
            IMAGES,
            facts=read_cluster_facts(target.kube.client),
            connections=(),
            rate=0,
            environment={},
        )
        if stack.engine is None:
            target.unsupported[ENGINE] = "it needs pulumi, which is not installed"
        backend.change()
    except BaseException:
        close()
        raise
    drills, unsupported = supported_drills(target)
    about = (
        ("nodes", f"{len(ZONES) * per_zone} simulated nodes in {len(ZONES)} zones"),
        ("pods", f"{pods} of one backend, up to {max_pods}: simulated, without requests"),
        ("endpoints", f"sampled every {target.sample_seconds:.2g} s"),
    )
    return Setup(target, (backend,), drills, unsupported, close, about, stack.engine, settings)
