"""Turn a recording into figures. Unknown samples and unsent requests never count as good.

A request belongs to the steady state if it finished before the first fault began, and to the drill otherwise.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lab.drills.endpoint_figures import EndpointFigures, endpoint_figures
from lab.drills.errors import is_client_error
from lab.drills.model import Connections, Recording, Request, Stream

LATE_SECONDS = 0.5


@dataclass(frozen=True)
class Latency:
    """Latency of the successful requests in milliseconds; percentiles by nearest rank."""

    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class StreamFigures:
    """Figures of one stream from the first fault to the end, in seconds.

    - ``first_failure``, ``last_failure``: seconds after the fault; None without a failure.
    - ``error_window_seconds``: from the fault until the last failed request was sent; 0 without a failure.
    - ``longest_gap``: between two consecutive successful requests by send time, minus the scheduled interval.
    - ``scheduled``, ``unsent``, ``late`` (more than 0.5 s behind schedule): of the whole stream.
    - ``steady_seconds``: how long the load ran before the fault.
    - ``client_errors``: failures of the measuring machine itself.
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
    error_window_seconds: float
    longest_gap: float
    latency: Latency | None
    client_errors: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return a display name: ``new connections``."""
        return f"{self.connections} connections"

    @property
    def failed_share(self) -> float:
        """Return the failed share of the sent requests, 0 to 1; 1 if none was sent."""
        return self.failed / self.sent if self.sent else 1.0

    @property
    def failed_percent(self) -> float:
        """Return the failed share in percent."""
        return 100 * self.failed_share


@dataclass(frozen=True)
class Figures:
    """Figures of one recording. ``fault`` is when the first fault began; None without one.

    ``loaded``: whether the session sent requests.
    """

    drill: str
    subject: str
    fault: float | None
    streams: tuple[StreamFigures, ...]
    endpoints: EndpointFigures
    loaded: bool = True

    @property
    def sent(self) -> int:
        """Return the requests of all streams since the fault."""
        return sum(stream.sent for stream in self.streams)

    @property
    def failed(self) -> int:
        """Return the failed requests of all streams since the fault."""
        return sum(stream.failed for stream in self.streams)


def measure(recording: Recording) -> Figures:
    """Return all figures of a recording. Without a fault, everything counts."""
    fault = recording.fault or 0.0
    streams = tuple(stream_figures(stream, fault) for stream in recording.streams)
    return Figures(
        recording.drill, recording.subject, recording.fault, streams, endpoint_figures(recording), recording.loaded
    )


def stream_figures(stream: Stream, fault: float) -> StreamFigures:
    """Return the figures of one stream; ``fault`` is when the fault began."""
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
        error_window_seconds=max((max(0.0, one.at - fault) for one in failed), default=0.0),
        longest_gap=_longest_gap(stream, fault),
        latency=_latency(drill),
        client_errors=sum(is_client_error(one.error) for one in stream.requests),
        errors=dict(errors.most_common()),
    )


def _longest_gap(stream: Stream, fault: float) -> float:
    """Return the longest gap; the ends of the stream bound the first and the last one."""
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
