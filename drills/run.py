"""Runs drills one after the other: steady state, fault under load, recovery; and judges what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drills.backend import Backend
from drills.drill import Drill, Scene
from drills.endpoints import of_service
from drills.ground import Ground
from drills.kube import DrillError
from drills.measure import Figures, measure
from drills.model import Recording
from drills.pods import Pod
from drills.session import Session, Subject
from drills.verdict import Limits, Tolerance, Verdict, judge
from settings.names import ZONE_LABEL

TAIL_SECONDS = 3.0  # after full capacity: late failures belong to the drill too
STEADY_PATIENCE, PER_POD = 180.0, 0.2  # seconds until a backend is steady, and more for each of its pods
UNKNOWN_SAMPLES = 8  # tolerated without an answer, where that is longer than what a drill tolerates


@dataclass(frozen=True)
class Result:
    """One backend in one drill. ``verdict`` is None where nobody promised anything."""

    drill: Drill
    backend: Backend
    recording: Recording
    figures: Figures
    limits: Limits
    verdict: Verdict | None


def run(drill: Drill, backends: Sequence[Backend], ground: Ground, vegeta: Path | None,
        log: Callable[[str], None]) -> list[Result]:
    """One drill on all backends at once; ``vegeta`` may be None where none gets load.

    Raises DrillError where it could not be carried out.
    """
    scene = Scene(backends, ground, log)
    log(f"{drill.name}: preparing, until all is steady")
    drill.prepare(scene)
    steady(scene)
    subjects = [Subject(backend.name, url(ground, backend) if backend.connections else "",
                        of_service(ground.kube.client, backend.namespace, backend.service),
                        backend.full, backend.rate, backend.connections) for backend in backends]
    limits = {backend.name: _limits(drill, backend) for backend in backends}
    try:
        with Session(drill.name, subjects, vegeta, prefix=ground.prefix, every=ground.sample_seconds) as session:
            scene.session = session
            time.sleep(drill.steady)
            log(f"{drill.name}: under load, now it happens")
            with session.fault(drill.title):
                began = session.now()
                drill.act(scene)
            log(f"{drill.name}: done after {session.now() - began:.0f} s, recovering under load")
            promised = max((one.full_seconds or 0 for one in limits.values()), default=0)
            # By how much a promise is broken is worth some waiting.
            _recover(drill, scene, session, began, max(drill.patience, 3 * promised))
    finally:
        drill.heal(scene)
    results = []
    for backend, recording in zip(backends, session.recordings, strict=True):
        figures = measure(recording)
        verdict = _verdict(drill, scene, session, figures, limits[backend.name]) if backend.ours else None
        results.append(Result(drill, backend, recording, figures, limits[backend.name], verdict))
    return results


def _limits(drill: Drill, backend: Backend) -> Limits:
    """What is promised, as far as it can be judged."""
    limits = drill.limits(backend) if backend.ours else Limits()
    return limits if backend.connections else limits.of_endpoints


def _verdict(drill: Drill, scene: Scene, session: Session, figures: Figures, limits: Limits) -> Verdict:
    unknown = max(drill.unknown_seconds, UNKNOWN_SAMPLES * scene.ground.sample_seconds)
    verdict = judge(figures, limits, Tolerance(unknown_seconds=unknown))
    failures = list(scene.failures.get(figures.subject, ()))
    for stream in session.further:
        lost = sum(not request.ok for request in stream.requests)
        if stream.subject == figures.subject and (lost or stream.trouble):
            failures.append(f"of {len(stream.requests):,} further requests {lost:,} failed {stream.trouble}".rstrip())
    return replace(verdict, broken=(*verdict.broken, *failures))


def url(ground: Ground, backend: Backend) -> str:
    """The address that users have. Raises DrillError where there is none."""
    found = ground.kube.client.CoreV1Api.read_namespaced_service(backend.service, backend.namespace, _request_timeout=10)
    ingress = (found.status.load_balancer.ingress or [None])[0]
    if ingress is None:
        raise DrillError(f"Service {backend.namespace}/{backend.service} has no load balancer's address")
    return f"http://{ingress.ip or ingress.hostname}:{found.spec.ports[0].port}/"


def steady(scene: Scene) -> None:
    """Waits until every backend has all its pods, and nothing is left of the last drill.

    Where the ground is the drills' own, pods are spread over all zones again: Kubernetes by itself leaves them where they are.
    """
    kube = scene.ground.kube

    def calm(backend: Backend) -> bool:
        found = kube.deployment(backend.namespace, backend.deployment)
        settled = (found.status.observed_generation == found.metadata.generation and found.status.replicas == backend.full
                   and found.status.updated_replicas == backend.full and found.status.available_replicas == backend.full)
        return settled and len(scene.ready_pods(backend)) == backend.full

    def settle(backend: Backend) -> None:
        kube.until(lambda: calm(backend), STEADY_PATIENCE + PER_POD * backend.full, f"{backend.name} to be steady")

    def spread(backend: Backend) -> None:
        settle(backend)
        for _ in range(backend.full if scene.ground.owned else 0):
            if not (crowded := _crowded(scene, backend)):
                return
            for pod in crowded[:max(1, backend.full // 10)]:
                kube.delete_pod(pod)
            time.sleep(2)
            settle(backend)

    scene.each(spread)
    scene.ground.calm()


def _crowded(scene: Scene, backend: Backend) -> list[Pod]:
    """Pods of zones that have two more than another, so many as would spread them evenly: a drill has left them there."""
    zones = {node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "")
             for node in scene.ground.kube.nodes()}
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


def _recover(drill: Drill, scene: Scene, session: Session, began: float, patience: float) -> None:
    """Keeps the load on: for the drill's least time, and until ours have all endpoints again, or patience is over."""
    over = session.now() + patience

    def whole() -> bool:
        try:
            return all((session.ready(backend.name) or 0) >= backend.full for backend in scene.ours)
        except Exception:  # the API server, that some backends ask for their number, may be what is broken
            return False

    while session.now() < began + drill.seconds - TAIL_SECONDS or (session.now() < over and not whole()):
        time.sleep(0.5)
    time.sleep(TAIL_SECONDS)
