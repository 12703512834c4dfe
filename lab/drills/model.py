"""What one drill records about one subject: requests, ready endpoints, and faults.

Times are seconds since the drill's start, on one clock (``lab.drills.clock``). Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Connections = Literal["new", "reused"]
MomentKind = Literal["fault", "end", "note"]


@dataclass(frozen=True, slots=True)  # a run holds more than a million of them
class Request:
    """A request, sent at ``at`` and ``lag`` seconds behind schedule. ``code`` is 0 without a response.

    ``error`` is the kind of failure (``lab.drills.errors``); empty without one.
    """

    at: float
    latency: float
    code: int = 200
    error: str = ""
    lag: float = 0.0

    @property
    def ok(self) -> bool:
        """Report whether the request succeeded: a complete response of 200 to 399, in time."""
        return not self.error and 200 <= self.code < 400

    @property
    def finished(self) -> float:
        """Return when its response or its failure arrived."""
        return self.at + self.latency


@dataclass(frozen=True)
class Stream:
    """Requests on one kind of connection in send order, ``rate`` a second from ``began`` to ``ended``.

    The schedule is open: it continues while requests hang. ``trouble`` says why the load failed; empty if it did not.
    """

    subject: str
    connections: Connections
    rate: float
    requests: tuple[Request, ...]
    began: float
    ended: float
    trouble: str = ""

    @property
    def name(self) -> str:
        """Return a display name: ``new connections``."""
        return f"{self.connections} connections"

    @property
    def scheduled(self) -> int:
        """Return how many requests the schedule contains."""
        return max(0, int((self.ended - self.began) * self.rate))


@dataclass(frozen=True)
class Sample:
    """Ready endpoints by zone at a time; None if unknown."""

    at: float
    ready: Mapping[str, int] | None


@dataclass(frozen=True)
class Moment:
    """An event: the beginning of a ``fault``, its ``end``, or a ``note``."""

    at: float
    what: str
    kind: MomentKind = "fault"


@dataclass(frozen=True)
class Recording:
    """One drill as one subject experienced it. ``full`` is its replicas at full capacity.

    Times run from 0, the drill's start, to ``ended``. ``every`` is the sampling interval in seconds. ``loaded``:
    whether the session sent requests; if not, only the samples count.
    """

    drill: str
    subject: str
    streams: tuple[Stream, ...]
    samples: tuple[Sample, ...]
    moments: tuple[Moment, ...]
    full: int
    ended: float
    every: float = 0.25
    loaded: bool = True

    @property
    def fault(self) -> float | None:
        """Return when the first fault began; None without one."""
        return min((moment.at for moment in self.moments if moment.kind == "fault"), default=None)
