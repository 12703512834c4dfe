"""Runs drills one after the other: steady state, fault under load, recovery; and judges what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.drills.backend import Backend
from lab.drills.drill import Drill, Scene
from lab.drills.measure import Figures, measure
from lab.drills.model import Recording
from lab.drills.session import Session, Subject
from lab.drills.steady import answered, steady
from lab.drills.target import Ground
from lab.drills.verdict import Limits, Tolerance, Verdict, judge

TAIL_SECONDS = 3.0  # after full capacity: late failures belong to the drill too
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


def run(
    drill: Drill, backends: Sequence[Backend], ground: Ground, vegeta: Path | None, log: Callable[[str], None]
) -> list[Result]:
    """One drill on all backends at once; ``vegeta`` may be None where none gets load.

    Raises DrillError where it could not be carried out.
    """
    scene = Scene(backends, ground, log)
    log(f"{drill.name}: preparing, until all is steady")
    drill.prepare(scene)
    steady(scene)
    urls = {backend.name: ground.url(backend) for backend in backends if backend.connections}
    answered(scene, urls)
    where = {name: ground.inside(backend) or urls[name] for backend in backends if (name := backend.name) in urls}
    subjects = [
        Subject(
            backend.name,
            where.get(backend.name, ""),
            ground.endpoints(backend),
            drill.full(backend),
            backend.rate,
            backend.connections,
        )
        for backend in backends
    ]
    limits = {backend.name: _limits(drill, backend) for backend in backends}
    try:
        with Session(
            drill.name, subjects, vegeta, prefix=ground.prefix, every=ground.sample_seconds, sources=ground.sources
        ) as session:
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
