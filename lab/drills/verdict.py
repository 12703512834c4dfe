"""Whether a drill's figures keep what was promised for it, with a sentence for each limit that was broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab.drills.measure import Figures, StreamFigures

Status = Literal["kept", "broken", "invalid"]


@dataclass(frozen=True)
class Limits:
    """What is promised for one drill; None promises nothing. Those on requests hold for each stream by itself.

    ``failed``: requests, at most. ``failed_share``: of those sent, at most, 0 to 1. ``failing_seconds``: no request fails that
    is sent later than that after the fault. ``longest_gap``: seconds without one that works, at most. ``full_seconds``: until
    all pods are ready again; ``full_with_it``: only what was lost brings them back, and nobody knows when that is.
    ``least_ready``: endpoints, at least, at every moment; ``least_zones``: zones with one. ``same_pods``: none is replaced or
    started again, which no figure shows: the drill itself looks. ``first_failure``: none fails that is sent sooner.
    """

    failed: int | None = None
    failed_share: float | None = None
    failing_seconds: float | None = None
    longest_gap: float | None = None
    full_seconds: float | None = None
    least_ready: int | None = None
    least_zones: int | None = None
    full_with_it: bool = False
    same_pods: bool = False
    first_failure: float | None = None

    @property
    def of_endpoints(self) -> Limits:
        """Those of them that can be judged where no load is sent."""
        return Limits(
            full_seconds=self.full_seconds,
            least_ready=self.least_ready,
            least_zones=self.least_zones,
            full_with_it=self.full_with_it,
        )

    @property
    def on_endpoints(self) -> bool:
        """Whether there is any of those; that capacity is back with what was lost is none that could be broken."""
        return any(limit is not None for limit in (self.full_seconds, self.least_ready, self.least_zones))


@dataclass(frozen=True)
class Tolerance:
    """How much may be wrong with the measuring itself before it proves nothing.

    ``late_share``: of the scheduled requests, late or not sent, 0 to 1. ``unknown_seconds``: in which nobody knew the ready
    endpoints. ``steady_seconds``: for how long at least the load ran cleanly before the fault.
    """

    late_share: float = 0.005
    unknown_seconds: float = 2.0
    steady_seconds: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """``broken``: a sentence for each limit that was not kept. ``doubts``: why nothing is proved, if so.

    The status is "invalid" where there are doubts, whatever else was seen: such a run is to be repeated.
    """

    broken: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """In one word."""
        if self.doubts:
            return "invalid"
        return "broken" if self.broken else "kept"


def judge(figures: Figures, limits: Limits, tolerance: Tolerance | None = None) -> Verdict:
    """The verdict on one subject's drill."""
    broken = [sentence for stream in figures.streams for sentence in _of_stream(stream, limits)]
    return Verdict(
        (*broken, *_of_endpoints(figures, limits)), tuple(_doubts(figures, limits, tolerance or Tolerance()))
    )


def _of_stream(stream: StreamFigures, limits: Limits) -> Iterator[str]:
    name, gone = stream.name, f"{stream.failed:,} of {stream.sent:,} requests failed"
    if limits.failed is not None and stream.failed > limits.failed:
        yield f"{name}: {gone}, promised are at most {limits.failed:,}"
    if limits.failed_share is not None and stream.failed_share > limits.failed_share:
        yield f"{name}: {gone} ({stream.failed_percent:.3g} %), promised are at most {100 * limits.failed_share:.3g} %"
    if limits.failing_seconds is not None and stream.failing_seconds > limits.failing_seconds:
        yield (
            f"{name}: requests failed until {stream.failing_seconds:.1f} s after the fault, promised are at most "
            f"{limits.failing_seconds:.1f} s"
        )
    if (
        limits.first_failure is not None
        and stream.first_failure is not None
        and stream.first_failure < limits.first_failure
    ):
        yield (
            f"{name}: a request failed that was sent {stream.first_failure:.1f} s after the fault, promised is none in the "
            f"first {limits.first_failure:.1f} s"
        )
    if limits.longest_gap is not None and stream.longest_gap > limits.longest_gap:
        yield f"{name}: for {stream.longest_gap:.1f} s no request worked, promised are at most {limits.longest_gap:.1f} s"


def _of_endpoints(figures: Figures, limits: Limits) -> Iterator[str]:
    seen, promised = figures.endpoints, limits.full_seconds
    if promised is not None and seen.seconds_to_full is None:
        yield f"not all {seen.full} pods were ready again by the end, promised is that within {promised:.1f} s"
    elif promised is not None and seen.seconds_to_full is not None and seen.seconds_to_full > promised:
        yield (
            f"all {seen.full} pods were ready again after {seen.seconds_to_full:.1f} s, promised is that within "
            f"{promised:.1f} s"
        )
    for measured, least, what in (
        (seen.least_ready, limits.least_ready, "ready endpoints"),
        (seen.least_zones, limits.least_zones, "zones with a ready endpoint"),
    ):
        if least is not None and measured is not None and measured < least:
            yield f"at worst {measured} {what}, promised are at least {least}"


def _doubts(figures: Figures, limits: Limits, tolerance: Tolerance) -> Iterator[str]:
    if figures.fault is None:
        yield "no fault was recorded: nothing was tried"
    if figures.loaded and not figures.streams:
        yield "no load was sent"
    if not figures.loaded and not limits.on_endpoints:
        yield "only endpoints were watched, and nothing is promised of them"
    for stream in figures.streams:
        yield from _doubts_of(stream, tolerance, figures.fault is not None)
    seen = figures.endpoints
    if not limits.on_endpoints:
        return
    if seen.unknown_seconds > tolerance.unknown_seconds or seen.least_ready is None:
        yield (
            f"for {seen.unknown_seconds:.1f} s nobody knew the ready endpoints, tolerated are "
            f"{tolerance.unknown_seconds:.1f} s"
        )
    if figures.fault is not None and (seen.steady_ready or 0) < seen.full:
        said = "an unknown number" if seen.steady_ready is None else seen.steady_ready
        yield f"before the fault {said} of {seen.full} pods were ready: that was no steady state"


def _doubts_of(stream: StreamFigures, tolerance: Tolerance, broken: bool) -> Iterator[str]:
    if stream.trouble:
        yield f"{stream.name}: {stream.trouble}"
    if not stream.sent:
        yield f"{stream.name}: no request was sent after the fault"
    if stream.unsent + stream.late > tolerance.late_share * stream.scheduled:
        yield (
            f"{stream.name}: of {stream.scheduled:,} requests {stream.late:,} were sent late and {stream.unsent:,} never, "
            f"tolerated are {100 * tolerance.late_share:.3g} %"
        )
    if stream.own_errors:
        yield f"{stream.name}: {stream.own_errors:,} requests failed for a lack of the measuring machine itself"
    if stream.steady_failed:
        yield f"{stream.name}: {stream.steady_failed:,} of {stream.steady_sent:,} requests failed before the fault"
    if broken and stream.steady_seconds < tolerance.steady_seconds:
        yield (
            f"{stream.name}: the load ran for {stream.steady_seconds:.1f} s before the fault, needed are "
            f"{tolerance.steady_seconds:.1f} s"
        )
