"""Run a drill: steady state, fault under load, recovery; then judge the figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.drills.backend import Backend
from lab.drills.drill import Drill, DrillContext
from lab.drills.measure import Figures, measure
from lab.drills.model import Recording
from lab.drills.session import Session, Subject
from lab.drills.steady import answered, steady
from lab.drills.target import Target
from lab.drills.verdict import Limits, Tolerance, Verdict, judge

TAIL_SECONDS = 3.0  # after full capacity: late failures belong to the drill too
UNKNOWN_SAMPLES = 8  # failed samples that are tolerated, if that is longer than what the drill tolerates


@dataclass(frozen=True)
class Result:
    """One backend in one drill. ``verdict`` is None for a baseline."""

    drill: Drill
    backend: Backend
    recording: Recording
    figures: Figures
    limits: Limits
    verdict: Verdict | None


def run(
    drill: Drill, backends: Sequence[Backend], target: Target, vegeta: Path | None, log: Callable[[str], None]
) -> list[Result]:
    """Run a drill on all backends in parallel. ``vegeta`` may be None if no backend receives load.

    Raises DrillError if the drill could not be carried out.
    """
    context = DrillContext(backends, target, log)
    log(f"{drill.name}: preparing, waiting for a steady state")
    drill.prepare(context)
    steady(context)
    urls = {backend.name: target.url(backend) for backend in backends if backend.connections}
    answered(context, urls)
    where = {name: target.inside(backend) or urls[name] for backend in backends if (name := backend.name) in urls}
    subjects = [
        Subject(
            backend.name,
            where.get(backend.name, ""),
            target.endpoints(backend),
            drill.full(backend),
            backend.rate,
            backend.connections,
        )
        for backend in backends
    ]
    limits = {backend.name: _limits(drill, backend) for backend in backends}
    try:
        with Session(
            drill.name, subjects, vegeta, prefix=target.prefix, every=target.sample_seconds, sources=target.sources
        ) as session:
            context.session = session
            time.sleep(drill.steady_seconds)
            log(f"{drill.name}: load is running, injecting the fault")
            with session.fault(drill.title):
                began = session.now()
                drill.act(context)
            log(f"{drill.name}: fault ended after {session.now() - began:.0f} s, recovering under load")
            promised = max((one.full_seconds or 0 for one in limits.values()), default=0)
            # By how much a promise is broken is worth some waiting.
            _recover(drill, context, session, began, max(drill.recovery_timeout, 3 * promised))
    finally:
        drill.restore(context)
    results = []
    for backend, recording in zip(backends, session.recordings, strict=True):
        figures = measure(recording)
        verdict = _verdict(drill, context, session, figures, limits[backend.name]) if backend.under_test else None
        results.append(Result(drill, backend, recording, figures, limits[backend.name], verdict))
    return results


def _limits(drill: Drill, backend: Backend) -> Limits:
    """Return the limits that can be judged."""
    limits = drill.limits(backend) if backend.under_test else Limits()
    return limits if backend.connections else limits.endpoint_limits


def _verdict(drill: Drill, context: DrillContext, session: Session, figures: Figures, limits: Limits) -> Verdict:
    unknown = max(drill.unknown_seconds, UNKNOWN_SAMPLES * context.target.sample_seconds)
    verdict = judge(figures, limits, Tolerance(unknown_seconds=unknown))
    violations = list(context.violations.get(figures.subject, ()))
    for stream in session.extra_streams:
        lost = sum(not request.ok for request in stream.requests)
        if stream.subject == figures.subject and (lost or stream.trouble):
            violations.append(f"{lost:,} of {len(stream.requests):,} extra requests failed {stream.trouble}".rstrip())
    return replace(verdict, violations=(*verdict.violations, *violations))


def _recover(drill: Drill, context: DrillContext, session: Session, began: float, patience: float) -> None:
    """Keep the load on for the drill's minimum time, and until verified backends are at full capacity or time is up."""
    deadline = session.now() + patience

    def recovered() -> bool:
        try:
            return all((session.ready(backend.name) or 0) >= backend.full for backend in context.under_test)
        except Exception:  # some backends query the API server for their replicas, and it may be down
            return False

    while session.now() < began + drill.seconds - TAIL_SECONDS or (session.now() < deadline and not recovered()):
        time.sleep(0.5)
    time.sleep(TAIL_SECONDS)
