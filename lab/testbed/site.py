"""The testbed of an edge site: two nodes with the component, once with `edge` and once without it, and baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.devcluster import catalog, images
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import node
from components.inspection.cluster_reader import read_cluster_facts
from lab.drills.experiments.edge_link import GIVEN_UP
from lab.drills.run import Result
from lab.drills.site_target import SiteTarget
from lab.testbed.baseline_backend import SOON_SECONDS, BaselineBackend
from lab.testbed.baselines import BASELINES
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import OurStack, on
from lab.testbed.setup import BASELINE_RATE, CPU, NAIVE, PODINFO, RATE, SETTINGS, NodesTestbed, clear
from ops.cli.pulumi_binary import find

# One more node elsewhere: if no node answers at all, Kubernetes assumes to be cut off itself, and deletes no pod.
SITE, ELSEWHERE = "shop", "elsewhere"
ZONES = [SITE, SITE, ELSEWHERE]
POOL = {"apps.openyurt.io/nodepool": SITE}
EDGE, WITHOUT = "ha-edge", "ha-without-edge"
COMMON: dict[str, Any] = {
    **{key: SETTINGS[key] for key in ("resources", "rollout", "loadBalancer", "shutdown")},
    "environment": PODINFO,
    "health": {"startupSeconds": 15},
    "survive": "node",
    "replicas": 3,
    "autoscaling": {"enabled": False},
}


class SiteTestbed(NodesTestbed):
    """A testbed for the drills that cut a site's link."""

    target: SiteTarget

    @staticmethod
    def locate(folder: Path, log: Callable[[str], None]) -> tuple[EmbeddedCluster, Path]:
        """Return the cluster, and the folder of everything else."""
        return EmbeddedCluster(folder / "site" / "cluster", ZONES, real_nodes=True, log=log), folder / "site"

    def _set_up(self, project: Path, baselines: Sequence[str]) -> None:
        self.target = SiteTarget(
            self._cluster, self._log, [f"{SITE}-{number}" for number in range(1, ZONES.count(SITE) + 1)]
        )
        for name in self.target.site:
            for key, value in POOL.items():
                self.target.kube.label_node(name, key, value)
        # `edge` requires an image with its digest.
        (image,) = {node.by_digest(self.target.node(name), images.SAMPLES["podinfo"]) for name in self.target.site}
        self.backends += self._component_at_site(project, image)
        self.backends += [
            BaselineBackend(
                BASELINES[name],
                (images.SAMPLES["naive"],) * 2,
                NAIVE,
                kubectl=self._kubectl,
                rate=BASELINE_RATE,
                cpu=CPU,
                nodes=POOL,
            )
            for name in baselines
        ]

    def _component_at_site(self, project: Path, image: str) -> Iterator[OurBackend]:
        """Yield two backends that differ only in `edge`: without it, the pod's own selector chooses the nodes."""
        engine, facts = find(project, self._log, install=False), read_cluster_facts(self.target.kube.client)
        placements: dict[str, Mapping[str, Any]] = {
            EDGE: {"edge": {"architectures": [catalog.target()[1]], "pool": POOL}},
            WITHOUT: {"podTemplate": {"spec": {"nodeSelector": POOL}}},
        }
        for name, more in placements.items():
            under_test = name == EDGE
            stack = OurStack(
                project,
                self._work,
                name,
                where=on(self._cluster.kubeconfig, self._cluster.context),
                settings={**COMMON, "image": image, **more},
                log=self._log,
                engine=engine,
            )
            self.engine = stack.engine
            yield OurBackend(
                stack,
                "ha-backend, well-behaved" if under_test else "ha-backend, without edge",
                (image, image),
                facts=facts,
                connections=("new", "reused"),
                rate=RATE if under_test else BASELINE_RATE,
                environment=PODINFO,
                under_test=under_test,
            )

    @property
    def about(self) -> list[tuple[str, str]]:
        """Return the facts for the report."""
        return [
            (
                "edge-link",
                f"a cluster of its own: {ZONES.count(SITE)} real nodes are the site, one is elsewhere; load is sent "
                f"from a node of the site to cluster addresses: {RATE} requests a second on each kind of connection "
                f"to the component, {BASELINE_RATE} to the baselines; these are pinned to the site's nodes, and their "
                f"pods are deleted after {SOON_SECONDS} s there, not after the default of 300 s: the cut is shorter "
                "accordingly",
            )
        ]


def without_comparison(results: Sequence[Result], remarks: dict[str, str]) -> list[Result]:
    """Return the results except for the backend without `edge`, which goes into the drill's remark."""
    for name in {one.drill.name for one in results}:
        remarks[name] = "; ".join(filter(None, (remarks.get(name), remark(results))))
    return [one for one in results if one.backend.name != WITHOUT]


def remark(results: Sequence[Result]) -> str:
    """Say which pods were deleted, and what the same backend lost without `edge`."""
    deleted = next((moment.what for moment in results[0].recording.moments if moment.what.startswith(GIVEN_UP)), "")
    lost = [
        f"without edge {one.figures.failed:,} of {one.figures.sent:,} requests failed"
        for one in results
        if one.backend.name == WITHOUT
    ]
    return "; ".join(filter(None, (deleted, *lost)))


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Remove a site that was kept, or left behind when a run was killed."""
    clear(*SiteTestbed.locate(folder, log))
