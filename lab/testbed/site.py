"""Sets the stage for an edge site: two nodes, and on them ours with `edge`, the same without it, and the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.devcluster import catalog, images
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import node
from components.inspection.facts import of_cluster
from lab.drills.experiments.edge_link import GIVEN_UP
from lab.drills.run import Result
from lab.drills.site_target import SiteGround
from lab.testbed.baseline_backend import SOON_SECONDS, RivalBackend
from lab.testbed.baselines import RIVALS
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import Ours, on
from lab.testbed.setup import CPU, NAIVE, PODINFO, RATE, RIVAL_RATE, SETTINGS, Stage, clear
from ops.cli.pulumi_binary import find

# One more node elsewhere: where no node at all answers, Kubernetes takes itself for what is cut off, and gives nothing up.
SITE, ELSEWHERE = "shop", "elsewhere"
ZONES = [SITE, SITE, ELSEWHERE]
POOL = {"apps.openyurt.io/nodepool": SITE}
EDGE, WITHOUT = "ours-edge", "ours-without-edge"
COMMON: dict[str, Any] = {
    **{key: SETTINGS[key] for key in ("resources", "rollout", "loadBalancer", "shutdown")},
    "environment": PODINFO,
    "health": {"startupSeconds": 15},
    "survive": "node",
    "replicas": 3,
    "autoscaling": {"enabled": False},
}


class Site(Stage):
    """As it, for the drills that cut a site's link."""

    ground: SiteGround

    @staticmethod
    def place(folder: Path, log: Callable[[str], None]) -> tuple[EmbeddedCluster, Path]:
        """The cluster, and the folder of all else."""
        return EmbeddedCluster(folder / "site" / "cluster", ZONES, real=True, log=log), folder / "site"

    def _set(self, project: Path, rivals: Sequence[str]) -> None:
        self.ground = SiteGround(
            self._cluster, self._log, [f"{SITE}-{number}" for number in range(1, ZONES.count(SITE) + 1)]
        )
        for name in self.ground.site:
            for key, value in POOL.items():
                self.ground.kube.label_node(name, key, value)
        # With edge an image needs its digest.
        (image,) = {node.by_digest(self.ground.node(name), images.SAMPLES["podinfo"]) for name in self.ground.site}
        self.backends += self._ours_at(project, image)
        self.backends += [
            RivalBackend(
                RIVALS[name],
                (images.SAMPLES["naive"],) * 2,
                NAIVE,
                kubectl=self._kubectl,
                rate=RIVAL_RATE,
                cpu=CPU,
                nodes=POOL,
            )
            for name in rivals
        ]

    def _ours_at(self, project: Path, image: str) -> Iterator[OurBackend]:
        """Alike but for `edge`: without it the nodes are chosen by the pod's own selector."""
        found, facts = find(project, self._log, install=False), of_cluster(self.ground.kube.client)
        placed: dict[str, Mapping[str, Any]] = {
            EDGE: {"edge": {"architectures": [catalog.target()[1]], "pool": POOL}},
            WITHOUT: {"podTemplate": {"spec": {"nodeSelector": POOL}}},
        }
        for name, more in placed.items():
            ours = name == EDGE
            stack = Ours(
                project,
                self._work,
                name,
                where=on(self._cluster.kubeconfig, self._cluster.context),
                settings={**COMMON, "image": image, **more},
                log=self._log,
                engine=found,
            )
            self.engine = stack.engine
            yield OurBackend(
                stack,
                "ours, well-behaved" if ours else "ours, without edge",
                (image, image),
                facts=facts,
                connections=("new", "reused"),
                rate=RATE if ours else RIVAL_RATE,
                environment=PODINFO,
                ours=ours,
            )

    @property
    def about(self) -> list[tuple[str, str]]:
        """What a reader must know of it."""
        return [
            (
                "edge-link",
                f"a cluster of its own: {ZONES.count(SITE)} real nodes are the site, one is elsewhere; load is "
                f"sent from a node of the site to cluster addresses, {RATE} requests a second on each kind of "
                f"connection to ours, {RIVAL_RATE} to the others; these are on the site's nodes alone, and "
                f"given up after {SOON_SECONDS} s there, not after the usual 300 s: the cut is as much shorter",
            )
        ]


def told(found: Sequence[Result], remarks: dict[str, str]) -> list[Result]:
    """The results of all but ours without `edge`, of which the drill's remark tells."""
    for name in {one.drill.name for one in found}:
        remarks[name] = "; ".join(filter(None, (remarks.get(name), remark(found))))
    return [one for one in found if one.backend.name != WITHOUT]


def remark(found: Sequence[Result]) -> str:
    """Which pods were given up, and what the same backend without `edge` lost."""
    given_up = next((moment.what for moment in found[0].recording.moments if moment.what.startswith(GIVEN_UP)), "")
    lost = [
        f"without edge {one.figures.failed:,} of {one.figures.sent:,} requests failed"
        for one in found
        if one.backend.name == WITHOUT
    ]
    return "; ".join(filter(None, (given_up, *lost)))


def remove(folder: Path, log: Callable[[str], None]) -> None:
    """Removes a site that was kept, or left when a run was killed; nothing happens where there is none."""
    clear(*Site.place(folder, log))
