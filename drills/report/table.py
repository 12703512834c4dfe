"""The page's first table: a row a drill, what was promised beside what was measured, of ours and of the others."""

from __future__ import annotations

from html import escape

from drills.report import words
from drills.report.content import Drill, Outcome, Report
from drills.verdict import Verdict


def table(report: Report) -> str:
    """The table; the bars compare what failed within one row."""
    peers = report.subjects[1:]
    ours = escape(report.subjects[0]) if report.subjects else ""
    heads = ("drill", "promised", f"failed, by connections: {ours}", "verdict", *map(escape, peers))
    head = "".join(f"<th>{text}</th>" for text in heads)
    rows = "".join(_row(drill, number, peers) for number, drill in enumerate(report.drills))
    return f'<div class="wide"><table class="all"><tr>{head}</tr>{rows}</table></div>'


def pill(verdict: Verdict) -> str:
    """A verdict in one word, with its sign."""
    sign, said = words.STATUS[verdict.status]
    return f'<span class="pill {verdict.status}">{sign} {said}</span>'


def _row(drill: Drill, number: int, peers: tuple[str, ...]) -> str:
    most = max((_share(one) for one in drill.outcomes), default=0.0)
    by_name = {one.subject: one for one in drill.outcomes}
    promised = "".join(f"<li>{escape(one)}</li>" for one in words.promised(drill.limits))
    cells = [f'<a href="#drill-{number}">{escape(drill.name)}</a>', f"<ul>{promised}</ul>", _measured(drill.ours, most),
             pill(drill.ours.verdict), *(_peer(by_name.get(peer), most) for peer in peers)]
    return f'<tr class="{drill.ours.verdict.status}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _measured(outcome: Outcome, most: float) -> str:
    lines = ""
    for one in outcome.figures.streams:
        more = f"{words.percent(one.failed_share)}, the last after {words.seconds(one.failing_seconds)}" if one.failed else ""
        lines += f"<div>{_count(one.failed, one.sent)} <small>{one.connections}</small></div><small>{more}</small>"
    return f"{lines}{_bar(outcome, most)}<small>all pods ready: {escape(words.full(outcome.figures))}</small>"


def _peer(outcome: Outcome | None, most: float) -> str:
    if outcome is None:
        return "<small>not tried</small>"
    figures = outcome.figures
    doubt = "; not proved" if outcome.verdict.doubts else ""
    status = outcome.verdict.status
    sign = f'<b class="sign {status}" title="{words.STATUS[status][1]}">{words.STATUS[status][0]}</b>'
    return (f"{_count(figures.failed, figures.sent)} {sign}{_bar(outcome, most)}"
            f"<small>{words.percent(_share(outcome))} failed; all ready: {escape(words.full(figures))}{doubt}</small>")


def _count(failed: int, sent: int) -> str:
    look = "some" if failed or not sent else "nothing"
    return f'<span class="nowrap"><b class="{look}">{failed:,}</b> of {sent:,}</span>'


def _share(outcome: Outcome) -> float:
    return outcome.figures.failed / outcome.figures.sent if outcome.figures.sent else 0.0


def _bar(outcome: Outcome, most: float) -> str:
    share = _share(outcome)
    wide = max(2.0, 100 * share / most) if share else 0.0
    return f'<span class="bar"><i style="width:{wide:.0f}%"></i></span>'
