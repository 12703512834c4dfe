"""Ready endpoints in numbers: how few there were, and how long until all were back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.drills.model import Recording

_BELIEVED = 4  # times as long as it should take until the next


@dataclass(frozen=True)
class Span:
    """Ready endpoints by zone from one moment to another, in seconds since the drill's start; None where not known."""

    begin: float
    end: float
    ready: Mapping[str, int] | None

    @property
    def count(self) -> int | None:
        """Ready endpoints in all zones; None where not known."""
        return None if self.ready is None else sum(self.ready.values())


@dataclass(frozen=True)
class EndpointFigures:
    """From the first fault on; seconds.

    ``least_ready`` and ``least_zones`` are of what is known, None where nothing is. ``seconds_to_full``: from the fault until
    ``full`` were ready and stayed so (0: never fewer), with what is not known counted as fewer; None: not by the end.
    ``steady_ready``: the last number known before the fault. ``unknown_seconds``: how long nobody knew.
    """

    full: int
    steady_ready: int | None
    least_ready: int | None
    least_zones: int | None
    seconds_to_full: float | None
    unknown_seconds: float


def spans(recording: Recording) -> tuple[Span, ...]:
    """From 0 to the end without a hole. A sample holds until the next, unless three others should have come meanwhile."""
    found: list[Span] = []
    gap = _BELIEVED * recording.every
    samples = sorted((one for one in recording.samples if one.at < recording.ended), key=lambda one: one.at)
    first = samples[0].at if samples else recording.ended
    if first > 0:
        found.append(Span(0.0, first, None))
    for number, sample in enumerate(samples):
        end = samples[number + 1].at if number + 1 < len(samples) else recording.ended
        if end > sample.at:
            found.append(Span(sample.at, end, sample.ready if end - sample.at <= gap else None))
    return tuple(found)


def endpoint_figures(recording: Recording) -> EndpointFigures:
    """The figures of one recording's samples. Without a fault everything counts as the drill's."""
    fault, gap = recording.fault or 0.0, _BELIEVED * recording.every
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
    """The end of the last span in which it was not known to be full."""
    if not drill:
        return None
    last = max((number for number, span in enumerate(drill) if span.count is None or span.count < full), default=-1)
    if last == len(drill) - 1:
        return None
    return max(0.0, drill[last].end - fault) if last >= 0 else 0.0
