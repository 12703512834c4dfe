"""Before a drill: every backend has all its pods, evenly placed, and answers every request."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from components.settings.well_known import ZONE_LABEL
from lab.drills.backend import Backend
from lab.drills.drill import Scene
from lab.drills.kube import DrillError
from lab.drills.pods import Pod

STEADY_PATIENCE, PER_POD = 180.0, 0.2  # seconds until a backend is steady, and more for each of its pods
_IN_A_ROW, _EVERY_SECONDS, _TIMEOUT_SECONDS = 20, 0.1, 3.0  # requests that must all be answered, on new connections


def steady(scene: Scene) -> None:
    """Waits until every backend has all its pods, and nothing is left of the last drill.

    Where the ground is the drills' own, ours are spread over all zones again, as their own rules see to: Kubernetes by itself
    leaves pods where they are.
    """
    for ground, backends in scene.ground.parts(scene.backends):
        _steady(Scene(backends, ground, scene.log))
    scene.ground.calm()


def _steady(scene: Scene) -> None:
    kube = scene.ground.kube

    def calm(backend: Backend) -> bool:
        found = kube.deployment(backend.namespace, backend.deployment)
        settled = (
            found.status.observed_generation == found.metadata.generation
            and found.status.replicas == backend.full
            and found.status.updated_replicas == backend.full
            and found.status.available_replicas == backend.full
        )
        return settled and len(scene.ready_pods(backend)) == backend.full

    def settle(backend: Backend) -> None:
        kube.until(lambda: calm(backend), STEADY_PATIENCE + PER_POD * backend.full, f"{backend.name} to be steady")

    def spread(backend: Backend) -> None:
        settle(backend)
        # Not the others': nothing of theirs makes a new pod go elsewhere.
        for _ in range(backend.full if backend.ours and scene.ground.owned else 0):
            if not (crowded := _crowded(scene, backend)):
                return
            for pod in crowded[: max(1, backend.full // 10)]:
                kube.delete_pod(pod)
            time.sleep(2)
            settle(backend)

    scene.each(spread)


def _crowded(scene: Scene, backend: Backend) -> list[Pod]:
    """Pods of zones that have two more than another, so many as would spread them evenly: a drill has left them there."""
    zones = {node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "") for node in scene.ground.kube.nodes()}
    by_zone: dict[str, list[Pod]] = {zone: [] for zone in zones.values()}
    for pod in scene.ready_pods(backend):
        by_zone[zones[pod.node]].append(pod)
    return crowded(by_zone)


def crowded(by_zone: Mapping[str, Sequence[Pod]]) -> list[Pod]:
    """The newest pods of the fullest zones, that would have to be elsewhere for no zone to have two more than another."""
    left = {zone: list(pods) for zone, pods in by_zone.items()}
    counts = {zone: len(pods) for zone, pods in left.items()}
    found = []
    while counts:
        most, least = max(counts, key=lambda zone: counts[zone]), min(counts, key=lambda zone: counts[zone])
        if counts[most] <= counts[least] + 1:
            break
        counts[most] -= 1
        counts[least] += 1
        found.append(left[most].pop())
    return found


def answered(scene: Scene, urls: Mapping[str, str]) -> None:
    """Waits until every address has answered for some seconds: a node that has just come back may still have old rules.

    Raises DrillError, naming the backend and what it answered last.
    """

    def ask(backend: Backend) -> None:
        if backend.name not in urls:
            return
        good, said, patience = 0, "", time.monotonic() + STEADY_PATIENCE
        while good < _IN_A_ROW:
            said = _ask(urls[backend.name])
            good = 0 if said else good + 1
            if time.monotonic() > patience:
                raise DrillError(f"{backend.name} does not answer steadily: {said or 'only at times'}")
            time.sleep(_EVERY_SECONDS)

    scene.each(ask)


def _ask(url: str) -> str:
    """What went wrong with one request; "" where nothing did."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=_TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code < 400 else f"status {error.code}"
    except OSError as error:
        return str(error)
