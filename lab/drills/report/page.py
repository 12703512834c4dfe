"""A report as one HTML file without external resources."""

from __future__ import annotations

from html import escape

from lab.drills.measure import StreamFigures
from lab.drills.report import lines, timeline, words
from lab.drills.report.content import Outcome, Report, Section
from lab.drills.report.style import CSS
from lab.drills.report.table import pill, table

_COLUMNS = (
    "connections",
    "failed",
    "the last after",
    "longest gap",
    "latency p50 / p95 / p99 / max",
    "errors",
    "late / unsent",
    "failed before",
)


def render(report: Report) -> str:
    """Return the whole page. Every text from outside is escaped."""
    about = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in report.about)
    sections = "".join(_section(section, number) for number, section in enumerate(report.sections))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{CSS}</style></head><body>"
        f'<h1>{escape(report.title)}</h1><dl class="about">{about}</dl>{_tiles(report)}{table(report)}{sections}'
        "</body></html>\n"
    )


def _tiles(report: Report) -> str:
    """Return the totals."""
    counts, number = report.statuses(), len(report.sections)
    whole = "kept" if report.kept else "broken" if counts["broken"] else "invalid"
    tiles = [(whole, words.fraction(counts["kept"], number), "drills kept their promise")]
    tiles += [
        (name, f"{counts[name]}", text)
        for name, text in (("broken", "broken"), ("invalid", "inconclusive"))
        if counts[name]
    ]
    for subject in report.subjects:
        failed, sent, drills = report.lost(subject)
        share = f" ({words.percent(failed / sent)})" if failed else ""
        many = "1 drill" if drills == 1 else f"{drills} drills"
        tiles.append(("", f"{failed:,}", f"of {sent:,} requests failed{share} in {many}: {subject}"))
    return (
        '<div class="tiles">'
        + "".join(f'<div class="tile {look}"><b>{escape(value)}</b>{escape(text)}</div>' for look, value, text in tiles)
        + "</div>"
    )


def _section(section: Section, number: int) -> str:
    failed = (section.failed,) if section.failed else ()
    broken = tuple(
        f"{one.title}: {text}" for one in section.under_test if one.verdict for text in one.verdict.violations
    )
    doubts = tuple(f"{one.title}: {text}" for one in section.outcomes for text in one.doubts)
    reasons = (
        _reasons("broken", "Could not be carried out", failed)
        + _reasons("broken", "Broken", broken)
        + _reasons("invalid", "Inconclusive", doubts)
    )
    remark = f'<p class="quiet">{escape(section.remark)}</p>' if section.remark else ""
    promised = "; ".join(lines.promised(section))
    outcomes = "".join(_outcome(one, f"t{number}-{place}") for place, one in enumerate(section.outcomes))
    return (
        f'<section><h2 id="drill-{number}">{escape(section.title)} {pill(section.status)}</h2>'
        f'<p class="quiet">{escape(section.name)}: {escape(section.promise)}. Promised: {escape(promised)}.</p>'
        f"{remark}{reasons}{_legend(section)}{outcomes}</section>"
    )


def _reasons(look: str, head: str, sentences: tuple[str, ...]) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f'<div class="reason {look}"><b>{head}</b><ul>{items}</ul></div>' if sentences else ""


def _legend(section: Section) -> str:
    if not section.outcomes:
        return ""
    zones = sorted(
        {zone for one in section.outcomes for sample in one.recording.samples for zone in sample.ready or ()}
    )
    keys = [
        ("worked", "requests that succeeded"),
        ("failed", "requests that failed"),
        *((f"zone{place % timeline.ZONES}", f"ready in {zone}") for place, zone in enumerate(zones)),
        ("hatch", "hatched: unknown, or not sent as scheduled"),
    ]
    return (
        '<div class="legend">'
        + "".join(f'<span><i style="background:var(--{name})"></i>{escape(text)}</span>' for name, text in keys)
        + "</div>"
    )


def _outcome(outcome: Outcome, ident: str) -> str:
    """Return an outcome: a verified backend in full, a baseline as one line that unfolds."""
    figures = outcome.figures
    head = "".join(f"<th>{text}</th>" for text in _COLUMNS)
    body = (
        f"<figure>{timeline.render(outcome.recording, ident)}</figure>"
        '<div class="wide"><table class="figures">'
        f"<tr>{head}</tr>{''.join(map(_stream, figures.streams))}</table></div>"
        f'<p class="quiet">Capacity {escape(lines.capacity(figures, outcome.limits))}; at worst '
        f"{escape(words.fewest_ready(figures))}. Unknown for {words.seconds(figures.endpoints.unknown_seconds)}.</p>"
    )
    title = escape(outcome.title)
    if not outcome.under_test:
        lost = f'<span class="quiet">failed: {escape(lines.baseline(outcome))}</span>'
        return f"<details><summary><b>{title}</b> {lost}</summary>{body}</details>"
    return f"<h3>{title} {pill(outcome.verdict.status) if outcome.verdict else ''}</h3>{body}"


def _stream(one: StreamFigures) -> str:
    errors = ", ".join(f"{name} {count:,}" for name, count in one.errors.items()) or "none"
    latency = "none succeeded"
    if taken := one.latency:
        latency = " / ".join(map(words.milliseconds, (taken.p50, taken.p95, taken.p99, taken.max)))
    failed = f"<td{' class=some' if one.failed else ''}>{words.fraction(one.failed, one.sent)}</td>"
    cells = [
        words.seconds(one.error_window_seconds),
        words.seconds(one.longest_gap),
        latency,
        errors,
        f"{one.late:,} / {one.unsent:,}",
        words.fraction(one.steady_failed, one.steady_sent),
    ]
    return f"<tr><td>{one.connections}</td>{failed}" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
