"""The report's table as Markdown, for a README, and below it what the table cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.drills.report import lines, words
from lab.drills.report.content import Report, Section


def render(report: Report) -> str:
    """One row a drill: what was promised, what ours lost, the verdict, what the others lost in the same run."""
    head = ["drill", "promised", "ours", "verdict", *map(_safe, report.peers)]
    rows = [_row(section, report.peers) for section in report.sections]
    table = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    notes = [note for section in report.sections for note in _notes(section)]
    notes += [f"- {_safe(one.name)}: not run, {_safe(one.why)}" for one in report.skipped]
    return "\n".join([*table, *(["", *notes] if notes else [])]) + "\n"


def whole(report: Report) -> str:
    """The same as a document of its own, with a heading and what must be known of the run."""
    about = [f"- {_safe(name)}: {_safe(value)}" for name, value in report.about]
    return "\n".join([f"# {_safe(report.title)}", "", *about, *([""] if about else []), render(report)])


def _row(section: Section, peers: tuple[str, ...]) -> list[str]:
    sign, said = words.STATUS[section.status]
    found = [] if section.failed else [lines.peer(section.peers.get(peer)) for peer in peers]
    return [
        _safe(section.title),
        _cell(lines.promised(section)),
        _cell(lines.measured(section)),
        f"{sign} {said}",
        *(map(_safe, found) if found else [""] * len(peers)),
    ]


def _notes(section: Section) -> Iterator[str]:
    """The sentences behind a verdict that is not green."""
    if section.remark:
        yield f"- {_safe(section.name)}: {_safe(section.remark)}"
    for one in section.ours:
        for sentence in (*(one.verdict.broken if one.verdict else ()), *one.doubts):
            yield f"- {_safe(section.name)}: {_safe(one.title)}: {_safe(sentence)}"


def _cell(said: list[str]) -> str:
    return "<br>".join(map(_safe, said))


def _safe(text: str) -> str:
    """So that no name can break the table, or become markup."""
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split()))
