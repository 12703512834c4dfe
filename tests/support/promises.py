"""Promises of a backend on clusters of different shapes."""

from __future__ import annotations

from typing import Any

from components.availability import ClusterFacts, promise
from tests.support.fake_engine import backend

ZONES = ("zone-a", "zone-b", "zone-c", "zone-d", "zone-e")
THREE = ClusterFacts(ZONES[:3], 3)
SLOW_START: dict[str, Any] = {"health": {"startupSeconds": 1800}, "rollout": {"progressDeadlineSeconds": 3600}}


def rows(cluster: ClusterFacts = THREE, **settings: Any) -> dict[str, Any]:
    """Return the promise as the stack's output, one row per failure."""
    return promise(backend(**settings), cluster).as_output()


def zones(count: int) -> ClusterFacts:
    """Return the facts of a cluster of which only so many zones are known."""
    return ClusterFacts(ZONES[:count])
