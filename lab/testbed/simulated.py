"""Sets a stage of many simulated nodes, with one backend of ours of many pods: what decides at that size, endpoints only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import LocalError
from components.inspection.facts import of_cluster
from lab.drills.drill import ENGINE
from lab.drills.simulated_target import SimulatedGround
from lab.testbed.context import Setting, chosen
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import Ours, on
from ops.cli.pulumi_binary import Engine

ZONES = ["zone-a", "zone-b", "zone-c"]
PER_ZONE, PODS = 10, 900
MOST_PODS = 1000  # what the settings allow; between the two is room to scale in
_BUDGET_SHARE = 30  # one of so many pods may be taken by a drain at a time: about what one node holds

IMAGES = ("ha-backend.local/simulated:1", "ha-backend.local/simulated:2")  # nobody pulls them

# What is promised follows from these. A simulated pod is ready after one or two seconds; where hundreds start at once the
# controllers, which send 20 requests a second by default, and this machine take longer than any of them.
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
    most: int = MOST_PODS,
    engine: Engine | str | None = None,
) -> Setting:
    """Starts the cluster in ``folder`` and deploys the backend; what an earlier run has left there is removed.

    ``per_zone`` nodes in each of three zones, ``pods`` at least and ``most`` at the most. ``engine``: as ``lab.testbed.our_stack.Ours``.
    Raises LocalError, SettingsError or DrillError; then nothing of it is left.
    """
    if not 3 <= pods < most <= MOST_PODS:
        raise LocalError(f"pods: {pods} to {most} are no size for this; right would be from 3, and up to {MOST_PODS}")
    shutil.rmtree(folder / "work", ignore_errors=True)
    cluster = EmbeddedCluster(folder / "cluster", ZONES, per_zone, log=log, losable=True)
    cluster.delete()
    stacks: list[Ours] = []

    def close() -> None:
        for stack in stacks:
            stack.stop()
        cluster.delete()
        shutil.rmtree(folder / "work", ignore_errors=True)

    try:
        cluster.start()
        ground = SimulatedGround(cluster, log)
        settings = {
            **SETTINGS,
            "replicas": pods,
            "disruptionBudget": {"maxUnavailable": max(1, pods // _BUDGET_SHARE)},
            "autoscaling": {"enabled": True, "maxReplicas": most, "scaleDownStabilizationSeconds": 15},
        }
        stack = Ours(
            project,
            folder / "work",
            "ours-large",
            where=on(cluster.kubeconfig, cluster.context),
            log=log,
            settings=settings,
            engine=engine,
        )
        stacks.append(stack)
        backend = OurBackend(
            stack,
            f"ours, {pods} pods",
            IMAGES,
            facts=of_cluster(ground.kube.client),
            connections=(),
            rate=0,
            environment={},
        )
        if stack.engine is None:
            ground.cannot[ENGINE] = "it needs pulumi, which is not here"
        backend.change()
    except BaseException:
        close()
        raise
    drills, cannot = chosen(ground)
    about = (
        ("nodes", f"{len(ZONES) * per_zone} simulated ones in {len(ZONES)} zones"),
        ("pods", f"{pods} of one backend, up to {most}: simulated, no request is sent"),
        ("endpoints", f"asked for every {ground.sample_seconds:.2g} s"),
    )
    return Setting(ground, (backend,), drills, cannot, close, about, stack.engine, settings)
