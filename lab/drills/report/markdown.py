"""A report's table as Markdown, followed by what does not fit into it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.drills.report import lines, words
from lab.drills.report.content import Report, Section


def render(report: Report) -> str:
    """Return one row for each drill: promised, measured, verdict, and what the baselines lost in the same run."""
    head = ["drill", "promised", "measured", "verdict", *map(_safe, report.baselines)]
    rows = [_row(section, report.baselines) for section in report.sections]
    table = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    notes = [note for section in report.sections for note in _notes(section)]
    notes += [f"- {_safe(one.name)}: not run, {_safe(one.reason)}" for one in report.skipped]
    return "\n".join([*table, *(["", *notes] if notes else [])]) + "\n"


def document(report: Report) -> str:
    """Return a complete document, with a heading and the facts of the run."""
    about = [f"- {_safe(name)}: {_safe(value)}" for name, value in report.about]
    return "\n".join([f"# {_safe(report.title)}", "", *about, *([""] if about else []), render(report)])


def _row(section: Section, titles: tuple[str, ...]) -> list[str]:
    sign, status = words.STATUS[section.status]
    baselines = [] if section.failed else [lines.baseline(section.baselines.get(title)) for title in titles]
    return [
        _safe(section.title),
        _cell(lines.promised(section)),
        _cell(lines.measured(section)),
        f"{sign} {status}",
        *(map(_safe, baselines) if baselines else [""] * len(titles)),
    ]


def _notes(section: Section) -> Iterator[str]:
    """Yield the remark, and the sentences behind a verdict that is not "kept"."""
    if section.remark:
        yield f"- {_safe(section.name)}: {_safe(section.remark)}"
    for one in section.under_test:
        for sentence in (*(one.verdict.violations if one.verdict else ()), *one.doubts):
            yield f"- {_safe(section.name)}: {_safe(one.title)}: {_safe(sentence)}"


def _cell(texts: list[str]) -> str:
    return "<br>".join(map(_safe, texts))


def _safe(text: str) -> str:
    """Escape a text, so that no name can break the table or become markup."""
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split()))
