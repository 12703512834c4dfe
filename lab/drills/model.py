"""What one drill records about one packaging of the backend: requests, ready endpoints, and when it was broken.

All times are seconds since the drill's start, on one clock (``lab.drills.clock``); all lengths of time are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Connections = Literal["new", "reused"]
MomentKind = Literal["fault", "end", "note"]


@dataclass(frozen=True, slots=True)  # a run keeps more than a million of them
class Request:
    """One request: ``at`` is when it was sent, ``lag`` how much later than its schedule said, ``code`` 0 where no answer came.

    ``error`` is the kind of failure (``lab.drills.errors``), empty where there was none.
    """

    at: float
    latency: float
    code: int = 200
    error: str = ""
    lag: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether a user would say that it worked: an answer of 200 to 399, whole and in time."""
        return not self.error and 200 <= self.code < 400

    @property
    def finished(self) -> float:
        """When its answer, or its failure, was there."""
        return self.at + self.latency


@dataclass(frozen=True)
class Stream:
    """Requests of one kind of connection, in the order they were sent, ``rate`` a second from ``began`` to ``ended``.

    The schedule is open: it goes on while requests hang. ``trouble`` says why the load itself went wrong; empty if it did not.
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
        """For people: ``new connections``."""
        return f"{self.connections} connections"

    @property
    def scheduled(self) -> int:
        """How many requests should have been sent."""
        return max(0, int((self.ended - self.began) * self.rate))


@dataclass(frozen=True)
class Sample:
    """How many endpoints were ready in each zone; None where nobody could say."""

    at: float
    ready: Mapping[str, int] | None


@dataclass(frozen=True)
class Moment:
    """Something that happened: a ``fault`` begins, it comes to its ``end``, or a mere ``note``."""

    at: float
    what: str
    kind: MomentKind = "fault"


@dataclass(frozen=True)
class Recording:
    """One drill as one subject lived through it. ``full`` is its number of pods at full capacity.

    The times run from 0, the drill's start, to ``ended``. ``every``: seconds from one sample to the next. ``loaded``: whether
    requests were to be sent; if not, only the samples tell anything, and that is as it was meant.
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
        """When the first fault began; None where none did."""
        return min((moment.at for moment in self.moments if moment.kind == "fault"), default=None)
