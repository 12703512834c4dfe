"""The short lines of a table's cell, the same in every format."""

from __future__ import annotations

from collections.abc import Callable

from lab.drills.measure import Figures, StreamFigures
from lab.drills.report import words
from lab.drills.report.content import Outcome, Section
from lab.drills.verdict import Limits

_UNKNOWN_SECONDS = 2.0  # a longer unknown time is reported


def promised(section: Section) -> list[str]:
    """Return what is promised. A limit that does not hold for every verified backend carries the backend's name."""
    return _combined(section, lambda one: words.promised(one.limits)) or [section.promise]


def measured(section: Section) -> list[str]:
    """Return what the verified backends lost, a line for each kind of connection, and their capacity."""
    if section.failed:
        return [f"could not be carried out: {section.failed}"]
    lost = [
        f"{_name(section, one)}{stream.connections}: {requests(stream, one.limits)}"
        for one in section.under_test
        for stream in one.figures.streams
    ]
    return [*lost, *_combined(section, lambda one: [f"capacity {capacity(one.figures, one.limits)}"])]


def requests(stream: StreamFigures, limits: Limits) -> str:
    """Return ``0 of 16,040``; if seconds are promised, ``failures for 3.1 s (promised 5), 1.9 % of requests``."""
    if not stream.failed and stream.sent:
        return words.fraction(0, stream.sent)
    if not stream.sent:
        return "none sent"
    if limits.error_window_seconds is not None:
        return (
            f"failures for {words.seconds(stream.error_window_seconds)} (promised {limits.error_window_seconds:g}), "
            f"{words.percent(stream.failed_share)} of requests"
        )
    return _lost(stream.failed, stream.sent, stream.error_window_seconds)


def baseline(outcome: Outcome | None) -> str:
    """Return ``98 of 8,020 (1.2 %), 14 s``: how many requests failed, and until when after the fault."""
    if outcome is None:
        return "not run"
    figures = outcome.figures
    last = max((stream.error_window_seconds for stream in figures.streams), default=0.0)
    late = ", capacity not back by the end" if _down_at_the_end(figures) else ""
    return _lost(figures.failed, figures.sent, last) + late + (" (inconclusive)" if outcome.doubts else "")


def capacity(figures: Figures, limits: Limits) -> str:
    """Return ``never lower``, ``back 87 s (promised 102)`` or ``2 of 3 at worst, back after 25 s``."""
    endpoints = figures.endpoints
    if endpoints.least_ready is None:
        return "unknown"
    never = endpoints.least_ready >= endpoints.full
    if never and endpoints.unknown_seconds > _UNKNOWN_SECONDS:
        return f"never seen lower, unknown for {words.seconds(endpoints.unknown_seconds)}"
    promise = "" if limits.full_seconds is None else f" (promised {limits.full_seconds:g})"
    if endpoints.seconds_to_full is None:
        return f"not back by the end{promise}"
    if never:
        return "never lower"
    worst = "" if promise else f"{endpoints.least_ready} of {endpoints.full} at worst, "
    return f"{worst}back {'' if promise else 'after '}{words.seconds(endpoints.seconds_to_full)}{promise}"


def short(title: str) -> str:
    """Return ``naive`` for ``ha-backend, naive``: in a column of verified backends the prefix is redundant."""
    return title.removeprefix("ha-backend, ")


def _lost(failed: int, sent: int, last: float) -> str:
    if not sent:
        return "none sent"
    return words.fraction(failed, sent) + (
        f" ({words.percent(failed / sent)}), {words.seconds(last)}" if failed else ""
    )


def _down_at_the_end(figures: Figures) -> bool:
    endpoints = figures.endpoints
    ready = endpoints.least_ready
    return ready is not None and ready < endpoints.full and endpoints.seconds_to_full is None


def _combined(section: Section, describe: Callable[[Outcome], list[str]]) -> list[str]:
    """Return the lines that all verified backends share once, then the others with the backend's name."""
    described = [(one, describe(one)) for one in section.under_test]
    shared = [line for line in (described[0][1] if described else []) if all(line in lines for _, lines in described)]
    return shared + [
        _name(section, one, ": ") + line for one, lines in described for line in lines if line not in shared
    ]


def _name(section: Section, outcome: Outcome, after: str = ", ") -> str:
    return f"{short(outcome.title)}{after}" if len(section.under_test) > 1 else ""
