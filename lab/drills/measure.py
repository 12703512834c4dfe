"""Turns a recording into figures. What is not known, or was not sent, is never counted as good.

A request belongs to the steady state where it was over before the first fault began, and to the drill otherwise.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lab.drills.endpoint_figures import EndpointFigures, endpoint_figures
from lab.drills.errors import is_own
from lab.drills.model import Connections, Recording, Request, Stream

LATE_SECONDS = 0.5


@dataclass(frozen=True)
class Latency:
    """Of the requests that worked, in milliseconds; the percentiles are the nearest rank's."""

    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class StreamFigures:
    """One stream, from the first fault to the end. Times are seconds; ``first_failure`` and ``last_failure`` since the fault.

    ``failing_seconds``: from the fault until the last request was sent that failed; 0 where none did.
    ``longest_gap``: between two requests in a row that worked, by when they were sent, beyond the schedule's own interval.
    ``late``: sent more than 0.5 s behind schedule, ``unsent``: never; both over the whole stream, as is ``scheduled``.
    ``steady_seconds``: how long the load ran before the fault. ``own_errors``: failures of the measuring machine itself.
    """

    connections: Connections
    scheduled: int
    unsent: int
    late: int
    trouble: str
    steady_seconds: float
    steady_sent: int
    steady_failed: int
    sent: int
    failed: int
    first_failure: float | None
    last_failure: float | None
    failing_seconds: float
    longest_gap: float
    latency: Latency | None
    own_errors: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For people: ``new connections``."""
        return f"{self.connections} connections"

    @property
    def failed_share(self) -> float:
        """Of those sent, 0 to 1; 1 where none was sent, for nobody saw one work."""
        return self.failed / self.sent if self.sent else 1.0

    @property
    def failed_percent(self) -> float:
        """The same in percent."""
        return 100 * self.failed_share


@dataclass(frozen=True)
class Figures:
    """One recording in numbers. ``fault`` is when the first fault began; None where there was none.

    ``loaded``: whether requests were to be sent.
    """

    drill: str
    subject: str
    fault: float | None
    streams: tuple[StreamFigures, ...]
    endpoints: EndpointFigures
    loaded: bool = True

    @property
    def sent(self) -> int:
        """Requests of all streams since the fault."""
        return sum(stream.sent for stream in self.streams)

    @property
    def failed(self) -> int:
        """Those of them that failed."""
        return sum(stream.failed for stream in self.streams)


def measure(recording: Recording) -> Figures:
    """All figures of one recording. Without a fault everything counts as the drill's."""
    fault = recording.fault or 0.0
    streams = tuple(stream_figures(stream, fault) for stream in recording.streams)
    return Figures(
        recording.drill, recording.subject, recording.fault, streams, endpoint_figures(recording), recording.loaded
    )


def stream_figures(stream: Stream, fault: float) -> StreamFigures:
    """The figures of one stream; ``fault`` is when it was broken."""
    steady = [one for one in stream.requests if one.finished < fault]
    drill = [one for one in stream.requests if one.finished >= fault]
    failed = [one for one in drill if not one.ok]
    errors = Counter(one.error or str(one.code) for one in failed)
    return StreamFigures(
        connections=stream.connections,
        scheduled=stream.scheduled,
        unsent=max(0, stream.scheduled - len(stream.requests)),
        late=sum(one.lag > LATE_SECONDS for one in stream.requests),
        trouble=stream.trouble,
        steady_seconds=max(0.0, fault - stream.began),
        steady_sent=len(steady),
        steady_failed=sum(not one.ok for one in steady),
        sent=len(drill),
        failed=len(failed),
        first_failure=min((one.at for one in failed), default=fault) - fault if failed else None,
        last_failure=max((one.at for one in failed), default=fault) - fault if failed else None,
        failing_seconds=max((max(0.0, one.at - fault) for one in failed), default=0.0),
        longest_gap=_longest_gap(stream, fault),
        latency=_latency(drill),
        own_errors=sum(is_own(one.error) for one in stream.requests),
        errors=dict(errors.most_common()),
    )


def _longest_gap(stream: Stream, fault: float) -> float:
    """The ends of the stream bound the first and the last gap: what never comes back was gone until the end."""
    worked = sorted(one.at for one in stream.requests if one.ok)
    before = max((at for at in worked if at < fault), default=min(stream.began, fault))
    times = [before, *(at for at in worked if at >= fault), max(stream.ended, before)]
    longest = max(later - earlier for earlier, later in pairwise(times))
    return max(0.0, longest - 1 / stream.rate)


def _latency(requests: Sequence[Request]) -> Latency | None:
    taken = sorted(one.latency * 1000 for one in requests if one.ok)
    if not taken:
        return None
    return Latency(*(taken[max(0, math.ceil(share * len(taken)) - 1)] for share in (0.5, 0.95, 0.99, 1)))
