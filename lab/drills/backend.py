"""A backend as a drill sees it: where it is, what its owner wants of it, and how to want something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from lab.drills.model import Connections
from lab.drills.verdict import Limits


@dataclass(frozen=True)
class Wish:
    """What a backend's owner wants of it at the moment."""

    image: str
    environment: Mapping[str, str] = field(default_factory=dict)
    rotation: int = 1
    replicas: int = 3
    autoscaled: bool = True


class Backend(Protocol):
    """One deployed backend."""

    name: str
    title: str
    ours: bool
    """Whether it is the one that is put to the proof, and judged; the others are only measured beside it."""
    namespace: str
    selector: str
    """Labels by which its pods are found in its namespace; empty where all of them are its own."""
    deployment: str
    service: str
    images: tuple[str, str]
    """Two images of the same program: one release and the next."""
    connections: tuple[Connections, ...]
    """Kinds of load that it gets; none where only its endpoints are watched."""
    rate: int
    wish: Wish
    usual: int
    """Pods that its owner wants where no drill wants otherwise."""
    most: int
    """Pods that it may be given."""

    @property
    def budget(self) -> int:
        """Pods that a drain may take at a time."""

    start_seconds_of_program: str
    """What its program is told to take for a start, where it can be told."""

    @property
    def full(self) -> int:
        """Pods at full capacity."""

    def release(self) -> None:
        """Replaces all its pods, as a new release does, and waits until that is rolled out. Raises DrillError."""

    def change(self, **changes: Any) -> None:
        """Deploys with some of the wish changed, and waits until that is rolled out. Raises DrillError."""

    def promised(self, failure: str) -> Limits:
        """What is promised of a failure."""


class Running(Protocol):
    """A deployment that is under way."""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""

    def kill(self) -> None:
        """Ends it with everything that it has started, without a word."""


@runtime_checkable
class Interruptible(Protocol):
    """A backend whose deployment can be killed half-way."""

    def begin_change(self, **changes: Any) -> Running:
        """As ``Backend.change``, not waited for."""
