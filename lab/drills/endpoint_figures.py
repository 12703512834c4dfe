"""Figures about ready endpoints: the minimum, and the time until all were ready again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.drills.model import Recording

_MAX_GAP = 4  # sampling intervals for which one sample holds


@dataclass(frozen=True)
class Span:
    """Ready endpoints by zone between two times, in seconds since the drill's start; None if unknown."""

    begin: float
    end: float
    ready: Mapping[str, int] | None

    @property
    def count(self) -> int | None:
        """Return the ready endpoints of all zones; None if unknown."""
        return None if self.ready is None else sum(self.ready.values())


@dataclass(frozen=True)
class EndpointFigures:
    """Endpoint figures from the first fault on, in seconds.

    - ``steady_ready``: the last known number before the fault.
    - ``least_ready``, ``least_zones``: the minimum among known samples; None without any.
    - ``seconds_to_full``: time from the fault until ``full`` endpoints were ready and stayed ready. 0 means never
      fewer, None means not by the end. Unknown counts as fewer.
    - ``unknown_seconds``: how long the number was unknown.
    """

    full: int
    steady_ready: int | None
    least_ready: int | None
    least_zones: int | None
    seconds_to_full: float | None
    unknown_seconds: float


def spans(recording: Recording) -> tuple[Span, ...]:
    """Return spans that cover a recording without a gap. A sample holds until the next one, at most four intervals."""
    result: list[Span] = []
    gap = _MAX_GAP * recording.every
    samples = sorted((one for one in recording.samples if one.at < recording.ended), key=lambda one: one.at)
    first = samples[0].at if samples else recording.ended
    if first > 0:
        result.append(Span(0.0, first, None))
    for number, sample in enumerate(samples):
        end = samples[number + 1].at if number + 1 < len(samples) else recording.ended
        if end > sample.at:
            result.append(Span(sample.at, end, sample.ready if end - sample.at <= gap else None))
    return tuple(result)


def endpoint_figures(recording: Recording) -> EndpointFigures:
    """Return the figures of a recording's samples. Without a fault, every sample counts."""
    fault, gap = recording.fault or 0.0, _MAX_GAP * recording.every
    all_spans = spans(recording)
    drill = [span for span in all_spans if span.end > fault]
    before = [span for span in all_spans if span.begin <= fault <= span.end + gap and span.count is not None]
    known = [span.ready for span in drill if span.ready is not None]
    return EndpointFigures(
        full=recording.full,
        steady_ready=before[-1].count if before else None,
        least_ready=min((sum(ready.values()) for ready in known), default=None),
        least_zones=min((sum(number > 0 for number in ready.values()) for ready in known), default=None),
        seconds_to_full=_to_full(drill, recording.full, fault),
        unknown_seconds=sum(span.end - max(span.begin, fault) for span in drill if span.ready is None),
    )


def _to_full(drill: list[Span], full: int, fault: float) -> float | None:
    """Return the end of the last span that is not known to be full, in seconds since the fault."""
    if not drill:
        return None
    last = max((number for number, span in enumerate(drill) if span.count is None or span.count < full), default=-1)
    if last == len(drill) - 1:
        return None
    return max(0.0, drill[last].end - fault) if last >= 0 else 0.0
