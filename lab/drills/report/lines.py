"""What a table's cell says of a drill: short lines, the same in every format."""

from __future__ import annotations

from collections.abc import Callable

from lab.drills.measure import Figures, StreamFigures
from lab.drills.report import words
from lab.drills.report.content import Outcome, Section
from lab.drills.verdict import Limits

_UNKNOWN_SECONDS = 2.0  # of that many it must be said that nobody knew


def promised(section: Section) -> list[str]:
    """What is promised to ours. What is not promised to all of them carries the name of the one that it is promised to."""
    said = _of_each(section, lambda one: words.promised(one.limits))
    return said or [section.promise]


def measured(section: Section) -> list[str]:
    """What ours lost, a line for each kind of connection of each, and its capacity."""
    if section.failed:
        return [f"could not be carried out: {section.failed}"]
    lost = [
        f"{_name(section, one)}{stream.connections}: {requests(stream, one.limits)}"
        for one in section.ours
        for stream in one.figures.streams
    ]
    return [*lost, *_of_each(section, lambda one: [f"capacity {capacity(one.figures, one.limits)}"])]


def requests(stream: StreamFigures, limits: Limits) -> str:
    """``0 of 16,040``; where seconds are promised, ``failures for 3.1 s (promised 5), 1.9 % of requests``."""
    if not stream.failed and stream.sent:
        return words.of(0, stream.sent)
    if not stream.sent:
        return "none sent"
    if limits.failing_seconds is not None:
        return (
            f"failures for {words.seconds(stream.failing_seconds)} (promised {limits.failing_seconds:g}), "
            f"{words.percent(stream.failed_share)} of requests"
        )
    return _lost(stream.failed, stream.sent, stream.failing_seconds)


def peer(outcome: Outcome | None) -> str:
    """``98 of 8,020 (1.2 %), 14 s``: how many failed, and until when after the fault."""
    if outcome is None:
        return "not tried"
    figures = outcome.figures
    last = max((stream.failing_seconds for stream in figures.streams), default=0.0)
    late = ", capacity not back by the end" if _down_at_the_end(figures) else ""
    return _lost(figures.failed, figures.sent, last) + late + (" (not proved)" if outcome.doubts else "")


def capacity(figures: Figures, limits: Limits) -> str:
    """``never lower``, ``back 87 s (promised 102)``, ``2 of 3 at worst, back after 25 s``."""
    seen = figures.endpoints
    if seen.least_ready is None:
        return "unknown"
    never = seen.least_ready >= seen.full
    if never and seen.unknown_seconds > _UNKNOWN_SECONDS:
        return f"never seen lower, unknown for {words.seconds(seen.unknown_seconds)}"
    promise = "" if limits.full_seconds is None else f" (promised {limits.full_seconds:g})"
    if seen.seconds_to_full is None:
        return f"not back by the end{promise}"
    if never:
        return "never lower"
    worst = "" if promise else f"{seen.least_ready} of {seen.full} at worst, "
    return f"{worst}back {'' if promise else 'after '}{words.seconds(seen.seconds_to_full)}{promise}"


def short(title: str) -> str:
    """``naive`` for ``ours, naive``: under a heading that says ours."""
    return title.removeprefix("ours, ")


def _lost(failed: int, sent: int, last: float) -> str:
    if not sent:
        return "none sent"
    return words.of(failed, sent) + (f" ({words.percent(failed / sent)}), {words.seconds(last)}" if failed else "")


def _down_at_the_end(figures: Figures) -> bool:
    seen = figures.endpoints
    return seen.least_ready is not None and seen.least_ready < seen.full and seen.seconds_to_full is None


def _of_each(section: Section, say: Callable[[Outcome], list[str]]) -> list[str]:
    """The lines of all of ours: first, once, what each of them says; then the rest with names."""
    said = [(one, say(one)) for one in section.ours]
    alike = [line for line in (said[0][1] if said else []) if all(line in others for _, others in said)]
    return alike + [_name(section, one, ": ") + line for one, own in said for line in own if line not in alike]


def _name(section: Section, outcome: Outcome, after: str = ", ") -> str:
    return f"{short(outcome.title)}{after}" if len(section.ours) > 1 else ""
