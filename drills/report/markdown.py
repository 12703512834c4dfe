"""The report's table as Markdown, for a README."""

from __future__ import annotations

import re

from drills.report import words
from drills.report.content import Drill, Outcome, Report


def render(report: Report) -> str:
    """One row a drill: what was promised, what was measured of ours, the verdict, what the others lost in the same run."""
    peers = report.subjects[1:]
    head = ["drill", "promised", "measured", "verdict", *(_safe(peer) for peer in peers)]
    rows = [_row(drill, peers) for drill in report.drills]
    return "\n".join(["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]) + "\n"


def _row(drill: Drill, peers: tuple[str, ...]) -> list[str]:
    sign, said = words.STATUS[drill.ours.verdict.status]
    by_name = {one.subject: one for one in drill.outcomes}
    return [_safe(drill.name), _safe(", ".join(words.promised(drill.limits))), _measured(drill.ours), f"{sign} {said}",
            *(_lost(by_name.get(peer)) for peer in peers)]


def _measured(outcome: Outcome) -> str:
    figures = outcome.figures
    lines = [f"{stream.name}: {words.lost(stream)}" for stream in figures.streams]
    return "<br>".join(_safe(line) for line in (*lines, f"all pods ready: {words.full(figures)}"))


def _lost(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not tried"
    figures = outcome.figures
    share = words.percent(figures.failed / figures.sent) if figures.sent else "none sent"
    doubt = " (not proved)" if outcome.verdict.doubts else ""
    return f"{words.of(figures.failed, figures.sent)} failed ({share}){doubt}"


def _safe(text: str) -> str:
    """So that no name can break the table, or become markup."""
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split()))
