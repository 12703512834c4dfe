"""Runs drills one after the other: steady state, fault under load, recovery; and judges what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drills.backend import Backend
from drills.drill import Drill, Scene
from drills.endpoints import of_service
from drills.ground import Ground
from drills.kube import DrillError
from drills.measure import Figures, measure
from drills.model import Recording
from drills.session import Session, Subject
from drills.verdict import Limits, Verdict, judge
from settings.names import ZONE_LABEL

TAIL_SECONDS = 3.0  # after full capacity: late failures belong to the drill too
STEADY_PATIENCE = 180.0


@dataclass(frozen=True)
class Result:
    """One backend in one drill. ``verdict`` is None where nobody promised anything."""

    drill: Drill
    backend: Backend
    recording: Recording
    figures: Figures
    limits: Limits
    verdict: Verdict | None


def run(drill: Drill, backends: Sequence[Backend], ground: Ground, vegeta: Path, log: Callable[[str], None]) -> list[Result]:
    """One drill on all backends at once. Raises DrillError where it could not be carried out."""
    scene = Scene(backends, ground, log)
    log(f"{drill.name}: preparing, until all is steady")
    drill.prepare(scene)
    steady(scene)
    subjects = [Subject(backend.name, url(ground, backend), of_service(ground.kube.client, backend.namespace, backend.service),
                        backend.full, backend.rate, backend.connections) for backend in backends]
    limits = {backend.name: drill.limits(backend) if backend.ours else Limits() for backend in backends}
    try:
        with Session(drill.name, subjects, vegeta, prefix=ground.prefix) as session:
            scene.session = session
            time.sleep(drill.steady)
            log(f"{drill.name}: under load, now it happens")
            with session.fault(drill.title):
                began = session.now()
                drill.act(scene)
            log(f"{drill.name}: done after {session.now() - began:.0f} s, recovering under load")
            _recover(drill, scene, session, began)
    finally:
        drill.heal(scene)
    results = []
    for backend, recording in zip(backends, session.recordings, strict=True):
        figures = measure(recording)
        verdict = _verdict(scene, session, figures, limits[backend.name]) if backend.ours else None
        results.append(Result(drill, backend, recording, figures, limits[backend.name], verdict))
    return results


def _verdict(scene: Scene, session: Session, figures: Figures, limits: Limits) -> Verdict:
    verdict = judge(figures, limits)
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
    """Waits until every backend has all its pods, spread over all zones again, and nothing is left of the last drill."""
    kube = scene.ground.kube

    def calm(backend: Backend) -> bool:
        found = kube.deployment(backend.namespace, backend.deployment)
        settled = (found.status.observed_generation == found.metadata.generation and found.status.replicas == backend.full
                   and found.status.updated_replicas == backend.full and found.status.available_replicas == backend.full)
        return settled and len(kube.ready_pods(backend.namespace)) == backend.full

    def spread(backend: Backend) -> None:
        kube.until(lambda: calm(backend), STEADY_PATIENCE, f"{backend.name} to be steady")
        for _ in range(backend.full):
            if not (crowded := _crowded(scene, backend)):
                return
            kube.delete_pod(crowded)
            time.sleep(2)
            kube.until(lambda: calm(backend), STEADY_PATIENCE, f"{backend.name} to be steady")

    scene.each(spread)
    scene.ground.calm()


def _crowded(scene: Scene, backend: Backend) -> object | None:
    """A pod in a zone that has two more than another: a drill before this one has left it there."""
    zones = {node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "")
             for node in scene.ground.kube.nodes()}
    by_zone: dict[str, list[object]] = {zone: [] for zone in zones.values()}
    for pod in scene.ground.kube.ready_pods(backend.namespace):
        by_zone[zones[pod.spec.node_name]].append(pod)
    most = max(by_zone.values(), key=len)
    return most[-1] if len(most) > min(map(len, by_zone.values())) + 1 else None


def _recover(drill: Drill, scene: Scene, session: Session, began: float) -> None:
    """Keeps the load on: for the drill's least time, and until ours have all pods again, or patience is over."""
    kube, over = scene.ground.kube, session.now() + drill.patience

    def whole() -> bool:
        try:
            return all(len(kube.ready_pods(backend.namespace)) >= backend.full for backend in scene.ours)
        except Exception:  # the API server may be what is broken
            return False

    while session.now() < began + drill.seconds - TAIL_SECONDS or (session.now() < over and not whole()):
        time.sleep(0.5)
    time.sleep(TAIL_SECONDS)
