"""Sets an edge site on the stage: nodes of one zone, and on them ours with `edge`, the same without it, and the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drills import run
from drills.backend import Backend
from drills.drill import Drill
from drills.experiments.edge_link import GIVEN_UP
from drills.run import Result
from drills.site_ground import SiteGround
from inspection.facts import of_cluster
from local import catalog, images
from local.nodes import node
from stage.our_backend import OurBackend
from stage.ours import Ours
from stage.rival_backend import SOON_SECONDS, RivalBackend
from stage.rivals import RIVALS
from stage.set import CPU, NAIVE, PODINFO, RATE, RIVAL_RATE, SETTINGS, Stage

POOL = {"apps.openyurt.io/nodepool": "shop"}
EDGE, WITHOUT = "ours-edge", "ours-without-edge"
ABOUT = (("edge site", f"the nodes of one zone; load is sent from one of them to cluster addresses, to ours {RATE} requests a "
                       f"second on each of new, reused connections, to the others {RIVAL_RATE}"),
         ("the others at the edge site", f"on its nodes alone, and given up after {SOON_SECONDS} s there, not after the usual "
                                         "300 s: the cut is as much shorter"))
Log = Callable[[str], None]


@contextmanager
def site(stage: Stage, log: Log) -> Iterator[tuple[SiteGround, Sequence[Backend]]]:
    """The ground and the backends, deployed; nothing of them is left afterwards. Raises DrillError or LocalError."""
    kube = stage.ground.kube
    names = _busiest({found.metadata.name: kube.zone(found.metadata.name) for found in kube.nodes()})
    ground = SiteGround(stage.ground.cluster, log, names)
    backends: list[Backend] = []
    _remove(stage, wait=True)  # of a first attempt
    try:
        _label(stage, names, POOL)
        (image,) = {node.by_digest(ground.node(name), images.SAMPLES["podinfo"]) for name in names}
        backends += _ours(stage, image, log)
        backends += [RivalBackend(RIVALS[name], (images.SAMPLES["naive"],) * 2, NAIVE, kubectl=stage.kubectl, rate=RIVAL_RATE,
                                  cpu=CPU, nodes=POOL) for name in stage.rivals]
        log(f"deploying {', '.join(backend.title for backend in backends)}, at the edge site")
        with ThreadPoolExecutor(len(backends)) as pool:
            for done in [pool.submit(backend.change) for backend in backends]:
                done.result()
        yield ground, backends
    finally:
        for backend in backends:
            if isinstance(backend, OurBackend):
                backend.stop()
        try:
            _remove(stage, wait=False)
            _label(stage, names, dict.fromkeys(POOL))
        except Exception as error:  # what went wrong before is the news
            log(f"the edge site was not cleared: {' '.join(str(error).split())[:200]}")


def play(drill: Drill, stage: Stage, vegeta: Path, log: Log, remarks: dict[str, str]) -> list[Result]:
    """One drill at the site. What became of ours without `edge` goes into its remark."""
    with site(stage, log) as (ground, backends):
        found = run.run(drill, backends, ground, vegeta, log)
    remarks[drill.name] = "; ".join(filter(None, (remarks.get(drill.name), remark(found))))
    return [result for result in found if result.backend.name != WITHOUT]


def remark(found: Sequence[Result]) -> str:
    """Which pods were given up, and what the same backend without `edge` lost."""
    given_up = next((moment.what for moment in found[0].recording.moments if moment.what.startswith(GIVEN_UP)), "")
    lost = [f"without edge {one.figures.failed:,} of {one.figures.sent:,} requests failed" for one in found
            if one.backend.name == WITHOUT]
    return "; ".join(filter(None, (given_up, *lost)))


def _ours(stage: Stage, image: str, log: Log) -> Iterator[OurBackend]:
    """Alike but for `edge`: without it the nodes are chosen by the pod's own selector."""
    common: dict[str, Any] = {
        **{key: SETTINGS[key] for key in ("resources", "rollout", "loadBalancer", "shutdown")}, "image": image,
        "environment": PODINFO, "health": {"startupSeconds": 15}, "survive": "node", "replicas": 3,
        "autoscaling": {"enabled": False}}
    placed: dict[str, Mapping[str, Any]] = {EDGE: {"edge": {"architectures": [catalog.target()[1]], "pool": POOL}},
                                            WITHOUT: {"podTemplate": {"spec": {"nodeSelector": POOL}}}}
    facts = of_cluster(stage.ground.kube.client)
    for name, more in placed.items():
        ours = name == EDGE
        stack = Ours(stage.project, stage.folder / "work", name, kubeconfig=stage.ground.cluster.kubeconfig,
                     context=stage.context, settings={**common, **more}, log=log)
        yield OurBackend(stack, "ours, well-behaved" if ours else "ours, without edge", (image, image), facts=facts,
                         connections=("new", "reused"), rate=RATE if ours else RIVAL_RATE, environment=PODINFO, ours=ours)


def _label(stage: Stage, names: Sequence[str], labels: Mapping[str, str | None]) -> None:
    for name in names:
        for key, value in labels.items():
            stage.ground.kube.label_node(name, key, value)


def _remove(stage: Stage, *, wait: bool) -> None:
    names = [EDGE, WITHOUT, *(RivalBackend.namespace_of(name, POOL) for name in stage.rivals)]
    stage.kubectl("delete", "namespace", *names, "--ignore-not-found", f"--wait={str(wait).lower()}")


def _busiest(zones: Mapping[str, str]) -> list[str]:
    """The nodes of the zone that has most of them."""
    found = list(zones.values())
    return sorted(name for name, zone in zones.items() if zone == max(found, key=found.count))
