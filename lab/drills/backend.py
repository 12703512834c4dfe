"""A backend as drills use it: its objects, its desired state, and how to deploy another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from lab.drills.model import Connections
from lab.drills.verdict import Limits


@dataclass(frozen=True)
class DesiredState:
    """The state that a backend's owner wants deployed."""

    image: str
    environment: Mapping[str, str] = field(default_factory=dict)
    rotation: int = 1
    replicas: int = 3
    autoscaled: bool = True


class Backend(Protocol):
    """A deployed backend."""

    name: str
    title: str
    under_test: bool
    """True for the backend that a drill verifies; false for a baseline, which is only measured."""
    namespace: str
    selector: str
    """Label selector of its pods; empty if it owns every pod of its namespace."""
    deployment: str
    service: str
    images: tuple[str, str]
    """Two images of the same program: one release and the next."""
    connections: tuple[Connections, ...]
    """Kinds of load to send; empty if only endpoints are sampled."""
    rate: int
    desired: DesiredState
    default_replicas: int
    """Replicas unless a drill asks for another number."""
    max_replicas: int
    """Upper bound for the replicas that a drill may ask for."""

    @property
    def max_unavailable(self) -> int:
        """Return how many pods a drain may evict at a time."""

    program_start_seconds: str
    """START_SECONDS of its program, if the program has such a setting."""

    @property
    def full(self) -> int:
        """Return the replicas at full capacity."""

    def release(self) -> None:
        """Replace all pods, as a new release does, and wait for the rollout. Raises DrillError."""

    def change(self, **changes: Any) -> None:
        """Deploy with these fields of the desired state changed, and wait for the rollout. Raises DrillError."""

    def promised(self, failure: str) -> Limits:
        """Return the limits that the promise sets for a failure."""


class RunningDeploy(Protocol):
    """A deployment in progress."""

    @property
    def running(self) -> bool:
        """Report whether it is still in progress."""

    def kill(self) -> None:
        """Kill it with SIGKILL, together with every process that it started."""


@runtime_checkable
class Interruptible(Protocol):
    """A backend whose deployment can be killed in progress."""

    def start_change(self, **changes: Any) -> RunningDeploy:
        """Start ``Backend.change`` without waiting for it."""
