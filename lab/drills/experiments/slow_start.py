"""Slow start: a release that takes five times as long to start, but does."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, OWNER, Drill, Scene, planned

_KEY, _SLOW = "START_SECONDS", "12"


def _slow(backend: Backend) -> None:
    backend.change(environment={**backend.wish.environment, _KEY: _SLOW})


def _usual(backend: Backend) -> None:
    backend.change(environment={**backend.wish.environment, _KEY: backend.start_seconds_of_program})


def _act(scene: Scene) -> None:
    scene.each(_slow)


def _heal(scene: Scene) -> None:
    scene.each(_usual)


DRILL = Drill(
    "slow-start",
    "slow start",
    _act,
    planned,
    "no request lost, capacity never lower",
    heal=_heal,
    needs=frozenset({OWNER, CONTAINERS}),
)
