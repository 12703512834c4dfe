"""The page's first table: for each drill, promised next to measured, and the baselines."""

from __future__ import annotations

from html import escape

from lab.drills.report import lines, words
from lab.drills.report.content import Outcome, Report, Section
from lab.drills.verdict import Status


def table(report: Report) -> str:
    """Return the table; the bars compare the failed requests of one row."""
    heads = ("drill", "promised", "measured: failed requests", "verdict", *map(escape, report.baselines))
    head = "".join(f"<th>{text}</th>" for text in heads)
    rows = "".join(_row(section, number, report.baselines) for number, section in enumerate(report.sections))
    skipped = "".join(f"<li>{escape(one.name)}: {escape(one.reason)}</li>" for one in report.skipped)
    more = f'<div class="reason skipped"><b>Not run</b><ul>{skipped}</ul></div>' if skipped else ""
    return f'<div class="wide"><table class="all"><tr>{head}</tr>{rows}</table></div>{more}'


def pill(status: Status) -> str:
    """Return a verdict as a word with its sign."""
    sign, word = words.STATUS[status]
    return f'<span class="pill {status}">{sign} {word}</span>'


def _row(section: Section, number: int, baselines: tuple[str, ...]) -> str:
    name = (f'<a href="#drill-{number}">{escape(section.title)}</a>',)
    if section.failed:
        reason = f"<b class=some>could not be carried out</b><br>{escape(section.failed)}"
        return (
            f'<tr class="broken"><td>{name[0]}</td><td>{escape(section.promise)}</td><td>{reason}</td>'
            f'<td>{pill("broken")}</td><td colspan="{max(1, len(baselines))}"></td></tr>'
        )
    most = max((_share(one) for one in section.outcomes), default=0.0)
    promised = "".join(f"<li>{escape(one)}</li>" for one in lines.promised(section))
    measured = "".join(_measured(one, most) for one in section.under_test) or "<small>not run</small>"
    cells = [
        *name,
        f"<ul>{promised}</ul>",
        measured,
        pill(section.status),
        *(_baseline(section.baselines.get(baseline), most) for baseline in baselines),
    ]
    return f'<tr class="{section.status}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _measured(outcome: Outcome, most: float) -> str:
    shown = ""
    for one in outcome.figures.streams:
        more = f"{words.percent(one.failed_share)}, for {words.seconds(one.error_window_seconds)}" if one.failed else ""
        promised = outcome.limits.error_window_seconds
        if one.failed and promised is not None:
            more += f" (promised {promised:g})"
        shown += f"<div>{_count(one.failed, one.sent)} <small>{one.connections}</small></div><small>{more}</small>"
    capacity = escape(lines.capacity(outcome.figures, outcome.limits))
    sign = _sign(outcome.verdict.status) if outcome.verdict else ""
    return (
        f'<div class="one"><small>{escape(lines.short(outcome.title))}</small>{sign}{shown}{_bar(outcome, most)}'
        f"<small>capacity {capacity}</small></div>"
    )


def _baseline(outcome: Outcome | None, most: float) -> str:
    if outcome is None:
        return "<small>not run</small>"
    figures = outcome.figures
    doubt = "; inconclusive" if outcome.doubts else ""
    last = max((stream.error_window_seconds for stream in figures.streams), default=0.0)
    lost = f"{words.percent(_share(outcome))} failed, for {words.seconds(last)}; " if figures.failed else ""
    return (
        f"{_count(figures.failed, figures.sent)}{_bar(outcome, most)}"
        f"<small>{lost}capacity {escape(lines.capacity(figures, outcome.limits))}{doubt}</small>"
    )


def _sign(status: Status) -> str:
    return f'<b class="sign {status}" title="{words.STATUS[status][1]}">{words.STATUS[status][0]}</b>'


def _count(failed: int, sent: int) -> str:
    look = "some" if failed or not sent else "nothing"
    return f'<span class="nowrap"><b class="{look}">{failed:,}</b> of {sent:,}</span>'


def _share(outcome: Outcome) -> float:
    return outcome.figures.failed / outcome.figures.sent if outcome.figures.sent else 0.0


def _bar(outcome: Outcome, most: float) -> str:
    share = _share(outcome)
    wide = max(2.0, 100 * share / most) if share else 0.0
    return f'<span class="bar"><i style="width:{wide:.0f}%"></i></span>'
