"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from html import escape

from drills.measure import StreamFigures
from drills.report import timeline, words
from drills.report.content import Drill, Outcome, Report
from drills.report.style import CSS
from drills.report.table import pill, table

_COLUMNS = ("connections", "failed", "the last after", "longest gap", "latency p50 / p95 / p99 / max", "errors",
            "late / unsent", "failed before")


def render(report: Report) -> str:
    """The whole page as text. All that comes from outside is escaped."""
    about = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in report.about)
    sections = "".join(_section(drill, number) for number, drill in enumerate(report.drills))
    return ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(report.title)}</title><style>{CSS}</style></head><body>"
            f'<h1>{escape(report.title)}</h1><dl class="about">{about}</dl>{_tiles(report)}{table(report)}{sections}'
            "</body></html>\n")


def _tiles(report: Report) -> str:
    """What somebody takes away who reads nothing else."""
    found, number = report.statuses(), len(report.drills)
    whole = "kept" if found["kept"] == number and number else "broken" if found["broken"] else "invalid"
    tiles = [(whole, words.of(found["kept"], number), "promises kept")]
    tiles += [(name, f"{found[name]}", said) for name, said in (("broken", "broken"), ("invalid", "not proved")) if found[name]]
    for place, subject in enumerate(report.subjects):
        failed, sent = report.lost(subject)
        ours, _ = report.lost(report.subjects[0], beside=subject)
        more = "" if place == 0 else f", {words.comparison(ours, failed)}"
        tiles.append(("", f"{failed:,}", f"of {sent:,} requests failed, {subject}{more}"))
    return '<div class="tiles">' + "".join(
        f'<div class="tile {look}"><b>{escape(value)}</b>{escape(said)}</div>' for look, value, said in tiles) + "</div>"


def _section(drill: Drill, number: int) -> str:
    verdict = drill.ours.verdict
    why = _why("broken", "Broken", verdict.broken) + _why("invalid", "Nothing is proved", verdict.doubts)
    outcomes = "".join(_outcome(one, f"t{number}-{place}") for place, one in enumerate(drill.outcomes))
    return (f'<section><h2 id="drill-{number}">{escape(drill.name)} {pill(verdict)}</h2><p>{escape(drill.what)}</p>'
            f'<p class="quiet">Tests: {escape(drill.promise)}. Promised: {escape(", ".join(words.promised(drill.limits)))}.</p>'
            f"{why}{_legend(drill)}{outcomes}</section>")


def _why(look: str, head: str, sentences: tuple[str, ...]) -> str:
    lines = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f'<div class="why {look}"><b>{head}</b><ul>{lines}</ul></div>' if sentences else ""


def _legend(drill: Drill) -> str:
    zones = sorted({zone for one in drill.outcomes for sample in one.recording.samples for zone in sample.ready or ()})
    keys = [("worked", "requests that worked"), ("failed", "requests that failed"),
            *((f"zone{place % timeline.ZONES}", f"ready in {zone}") for place, zone in enumerate(zones)),
            ("hatch", "hatched: not known, or not sent as scheduled")]
    return '<div class="legend">' + "".join(
        f'<span><i style="background:var(--{name})"></i>{escape(said)}</span>' for name, said in keys) + "</div>"


def _outcome(outcome: Outcome, ident: str) -> str:
    figures = outcome.figures
    head = "".join(f"<th>{text}</th>" for text in _COLUMNS)
    return (f"<h3>{escape(outcome.subject)} {pill(outcome.verdict)}</h3>"
            f"<figure>{timeline.render(outcome.recording, ident)}</figure>"
            f'<div class="wide"><table class="figures"><tr>{head}</tr>{"".join(map(_stream, figures.streams))}</table></div>'
            f'<p class="quiet">All pods ready: {escape(words.full(figures))}. At worst {escape(words.least(figures))}. '
            f"Not known for {words.seconds(figures.endpoints.unknown_seconds)}.</p>")


def _stream(one: StreamFigures) -> str:
    errors = ", ".join(f"{name} {count:,}" for name, count in one.errors.items()) or "none"
    taken = one.latency
    latency = " / ".join(map(words.milliseconds, (taken.p50, taken.p95, taken.p99, taken.max))) if taken else "none worked"
    failed = f'<td{" class=some" if one.failed else ""}>{words.of(one.failed, one.sent)}</td>'
    cells = [words.seconds(one.failing_seconds), words.seconds(one.longest_gap), latency, errors,
             f"{one.late:,} / {one.unsent:,}", words.of(one.steady_failed, one.steady_sent)]
    return f"<tr><td>{one.connections}</td>{failed}" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
