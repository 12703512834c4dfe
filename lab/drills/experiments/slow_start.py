"""Slow start: a release whose program takes five times as long to start."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, REDEPLOY, Drill, DrillContext, planned

_KEY, _SLOW = "START_SECONDS", "12"


def _slow(backend: Backend) -> None:
    backend.change(environment={**backend.desired.environment, _KEY: _SLOW})


def _default(backend: Backend) -> None:
    backend.change(environment={**backend.desired.environment, _KEY: backend.program_start_seconds})


def _act(context: DrillContext) -> None:
    context.each(_slow)


def _restore(context: DrillContext) -> None:
    context.each(_default)


DRILL = Drill(
    "slow-start",
    "slow start",
    _act,
    planned,
    "no failed request, never less capacity",
    restore=_restore,
    needs=frozenset({REDEPLOY, CONTAINERS}),
)
