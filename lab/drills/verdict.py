"""Compare a drill's figures with the promise, and describe each limit that was broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab.drills.measure import Figures, StreamFigures

Status = Literal["kept", "broken", "invalid"]


@dataclass(frozen=True)
class Limits:
    """What is promised for one drill; None promises nothing. Limits on requests hold for each stream by itself.

    - ``failed``, ``failed_share`` (0 to 1 of the sent requests): maximum of failed requests.
    - ``error_window_seconds``: no request fails that is sent later than this after the fault.
    - ``first_failure``: no request fails that is sent earlier than this after the fault.
    - ``longest_gap``: maximum of seconds without a successful request.
    - ``full_seconds``: maximum of seconds until all pods are ready again.
    - ``full_after_restore``: only the return of what was lost brings the pods back; no time is promised.
    - ``least_ready``, ``least_zones``: minimum of ready endpoints, and of zones with one, at every moment.
    - ``same_pods``: no pod is replaced or restarted. No figure shows that: the drill itself checks it.
    """

    failed: int | None = None
    failed_share: float | None = None
    error_window_seconds: float | None = None
    longest_gap: float | None = None
    full_seconds: float | None = None
    least_ready: int | None = None
    least_zones: int | None = None
    full_after_restore: bool = False
    same_pods: bool = False
    first_failure: float | None = None

    @property
    def endpoint_limits(self) -> Limits:
        """Return the limits that can be judged without load."""
        return Limits(
            full_seconds=self.full_seconds,
            least_ready=self.least_ready,
            least_zones=self.least_zones,
            full_after_restore=self.full_after_restore,
        )

    @property
    def limits_endpoints(self) -> bool:
        """Report whether any limit on endpoints can be broken."""
        return any(limit is not None for limit in (self.full_seconds, self.least_ready, self.least_zones))


@dataclass(frozen=True)
class Tolerance:
    """How inaccurate a measurement may be before its result is inconclusive.

    - ``late_share``: of the scheduled requests, late or not sent, 0 to 1.
    - ``unknown_seconds``: time with an unknown number of ready endpoints.
    - ``steady_seconds``: minimum time of clean load before the fault.
    """

    late_share: float = 0.005
    unknown_seconds: float = 2.0
    steady_seconds: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """``violations`` describes each broken limit. ``doubts`` says why the measurement is inconclusive, if it is.

    The status is "invalid" with any doubt, whatever else was measured: repeat such a run.
    """

    violations: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Return the verdict in one word."""
        if self.doubts:
            return "invalid"
        return "broken" if self.violations else "kept"


def judge(figures: Figures, limits: Limits, tolerance: Tolerance | None = None) -> Verdict:
    """Return the verdict on one subject in one drill."""
    violations = [text for stream in figures.streams for text in _stream_violations(stream, limits)]
    return Verdict(
        (*violations, *_endpoint_violations(figures, limits)), tuple(_doubts(figures, limits, tolerance or Tolerance()))
    )


def _stream_violations(stream: StreamFigures, limits: Limits) -> Iterator[str]:
    name, failures = stream.name, f"{stream.failed:,} of {stream.sent:,} requests failed"
    if limits.failed is not None and stream.failed > limits.failed:
        yield f"{name}: {failures} (promised: at most {limits.failed:,})"
    if limits.failed_share is not None and stream.failed_share > limits.failed_share:
        promised = f"promised: at most {100 * limits.failed_share:.3g} %"
        yield f"{name}: {failures}, {stream.failed_percent:.3g} % ({promised})"
    if limits.error_window_seconds is not None and stream.error_window_seconds > limits.error_window_seconds:
        yield (
            f"{name}: requests failed until {stream.error_window_seconds:.1f} s after the fault "
            f"(promised: at most {limits.error_window_seconds:.1f} s)"
        )
    if (
        limits.first_failure is not None
        and stream.first_failure is not None
        and stream.first_failure < limits.first_failure
    ):
        yield (
            f"{name}: a request failed that was sent {stream.first_failure:.1f} s after the fault "
            f"(promised: none in the first {limits.first_failure:.1f} s)"
        )
    if limits.longest_gap is not None and stream.longest_gap > limits.longest_gap:
        yield f"{name}: no request succeeded for {stream.longest_gap:.1f} s (promised: {limits.longest_gap:.1f} s)"


def _endpoint_violations(figures: Figures, limits: Limits) -> Iterator[str]:
    endpoints, promised = figures.endpoints, limits.full_seconds
    if promised is not None and endpoints.seconds_to_full is None:
        yield f"not all {endpoints.full} pods were ready again by the end (promised: within {promised:.1f} s)"
    elif promised is not None and endpoints.seconds_to_full is not None and endpoints.seconds_to_full > promised:
        yield (
            f"all {endpoints.full} pods were ready again after {endpoints.seconds_to_full:.1f} s "
            f"(promised: within {promised:.1f} s)"
        )
    for measured, least, what in (
        (endpoints.least_ready, limits.least_ready, "ready endpoints"),
        (endpoints.least_zones, limits.least_zones, "zones with a ready endpoint"),
    ):
        if least is not None and measured is not None and measured < least:
            yield f"only {measured} {what} (promised: at least {least})"


def _doubts(figures: Figures, limits: Limits, tolerance: Tolerance) -> Iterator[str]:
    if figures.fault is None:
        yield "no fault was recorded: nothing was tested"
    if figures.loaded and not figures.streams:
        yield "no load was sent"
    if not figures.loaded and not limits.limits_endpoints:
        yield "only endpoints were sampled, and the promise has no limit on them"
    for stream in figures.streams:
        yield from _stream_doubts(stream, tolerance, figures.fault is not None)
    endpoints = figures.endpoints
    if not limits.limits_endpoints:
        return
    if endpoints.unknown_seconds > tolerance.unknown_seconds or endpoints.least_ready is None:
        yield (
            f"the number of ready endpoints was unknown for {endpoints.unknown_seconds:.1f} s "
            f"(tolerated: {tolerance.unknown_seconds:.1f} s)"
        )
    if figures.fault is not None and (endpoints.steady_ready or 0) < endpoints.full:
        ready = "an unknown number" if endpoints.steady_ready is None else endpoints.steady_ready
        yield f"{ready} of {endpoints.full} pods were ready before the fault: not a steady state"


def _stream_doubts(stream: StreamFigures, tolerance: Tolerance, faulted: bool) -> Iterator[str]:
    if stream.trouble:
        yield f"{stream.name}: {stream.trouble}"
    if not stream.sent:
        yield f"{stream.name}: no request was sent after the fault"
    if stream.unsent + stream.late > tolerance.late_share * stream.scheduled:
        yield (
            f"{stream.name}: {stream.late:,} of {stream.scheduled:,} requests were sent late, {stream.unsent:,} never "
            f"(tolerated: {100 * tolerance.late_share:.3g} %)"
        )
    if stream.client_errors:
        yield f"{stream.name}: {stream.client_errors:,} requests failed on the measuring machine itself"
    if stream.steady_failed:
        yield f"{stream.name}: {stream.steady_failed:,} of {stream.steady_sent:,} requests failed before the fault"
    if faulted and stream.steady_seconds < tolerance.steady_seconds:
        yield (
            f"{stream.name}: the load ran for {stream.steady_seconds:.1f} s before the fault "
            f"(required: {tolerance.steady_seconds:.1f} s)"
        )
