"""The review as Markdown for a pull request's comment: the worst in the first line, details folded, cut where it gets too long.

Whatever comes from the change itself is written as code, so that it can neither form nor break the comment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from review.difference import Difference
from review.effect import Effect
from review.judge import Judged, worst
from review.preview import SECRET, UNKNOWN, Preview
from review.promised import Row

LONGEST = 60_000  # characters: a comment takes 65,536, and platforms add to it
_SIGNS = {Effect.NONE: "🟢", Effect.RESTART: "🔵", Effect.LOWER: "🟡", Effect.WEAKER: "🟠", Effect.OUTAGE: "🔴"}
_VALUE, _FIELDS = 80, 4
_CUT = "\n\n*Cut here: the rest is too long for a comment. The command prints all of it.*\n"
_HIDDEN = re.compile(r"^(data|stringData|binaryData)(\.|\[|$)")


@dataclass(frozen=True)
class Words:
    """What the comment is about: its name for the marker, what it says of nothing and before something, its two columns."""

    about: str
    nothing: str
    something: str
    before: str
    after: str


REVIEW = Words("review", "nothing changes", "", "Before", "After")


def marker(preview: Preview, words: Words = REVIEW) -> str:
    """What a comment on this stack begins with, unseen, so that the next one takes its place."""
    return f"<!-- ha-backend {words.about}: {preview.project}/{preview.stack} -->"


def write(preview: Preview, judged: list[Judged], promise: dict[str, list[Row]], longest: int = LONGEST,
          words: Words = REVIEW) -> str:
    """The whole comment, at most ``longest`` characters, with every part that was opened closed."""
    overall = worst(judged)
    head = f"{marker(preview, words)}\n### {_SIGNS[overall]} {_code(preview.stack)}: {_said(judged, overall, words)}\n"
    parts = [head]
    if preview.errors:
        parts.append("\n**The preview is not complete**, more may happen than is shown here:\n\n"
                     + "\n".join(f"- {_code(error[:500])}" for error in preview.errors[:5]) + "\n")
    if judged:
        parts.append(_table(judged))
    parts += [_promise(name, rows) for name, rows in promise.items()]
    parts += _details(judged, words)
    return _fitting(parts, longest)


def _said(judged: list[Judged], overall: Effect, words: Words) -> str:
    if not judged:
        return words.nothing
    counts = [f"{sum(one.effect is effect for one in judged)} x {effect.words}" for effect in reversed(Effect)
              if any(one.effect is effect for one in judged)]
    return f"{words.something}**{overall.words}** ({', '.join(counts)})"


def _table(judged: list[Judged]) -> str:
    lines = ["", "| | Resource | Effect | Because of | Instead |", "|---|---|---|---|---|"]
    for one in judged:
        for finding in sorted(one.findings, key=lambda found: -found.effect):
            if finding.effect is Effect.NONE and one.effect is not Effect.NONE:
                continue
            known = "" if one.known else " (this kind is not known here)"
            lines.append(f"| {_SIGNS[finding.effect]} | {_code(_name(one))} | {finding.effect.words}: {_cell(finding.why)}"
                         f"{known} | {_named(finding.fields)} | {_cell(finding.fix)} |")
    return "\n".join(lines) + "\n"


def _promise(name: str, rows: list[Row]) -> str:
    lines = ["", f"The promise of {_code(name)}:", "", "| | Failure | Before | After |", "|---|---|---|---|"]
    lines += [f"| {'🟠' if row.worse else '🟢'} | {_cell(row.failure)} | {_cell(row.before)} | {_cell(row.after)} |"
              for row in rows]
    return "\n".join(lines) + "\n"


def _details(judged: list[Judged], words: Words) -> list[str]:
    """Every field before and after, one part a resource."""
    found = []
    for one in judged:
        fields = [field for finding in one.findings for field in finding.fields]
        unique = {field.path: field for field in fields}
        if unique:
            kind = one.step.type.rpartition(":")[2]
            lines = [f"| {_code(path)} | {_value(field, field.before, kind)} | {_value(field, field.after, kind)} |"
                     for path, field in unique.items()]
            found.append(f"\n<details><summary>{_plain(_name(one))}: {len(unique)} fields</summary>\n\n"
                         f"| Field | {words.before} | {words.after} |\n|---|---|---|\n" + "\n".join(lines) + "\n\n</details>\n")
    return found


def _fitting(parts: list[str], longest: int) -> str:
    whole = ""
    for part in parts:
        if len(whole) + len(part) + len(_CUT) > longest:
            if part.startswith("\n<details>"):
                return whole + _CUT
            room = part[:max(0, longest - len(whole) - len(_CUT))]
            return whole + room.rpartition("\n")[0] + _CUT
        whole += part
    return whole


def _name(one: Judged) -> str:
    return f"{one.step.type.rpartition(':')[2]} {one.step.name}"


def _named(fields: Iterable[Difference]) -> str:
    paths = [field.path for field in fields]
    more = f" and {len(paths) - _FIELDS} more" if len(paths) > _FIELDS else ""
    return ", ".join(_code(path) for path in paths[:_FIELDS]) + more


def _value(field: Difference, value: Any, kind: str) -> str:
    if value is None:
        return "*none*"
    if (kind == "Secret" and _HIDDEN.match(field.path)) or SECRET in json.dumps(value, default=str):
        return "*secret*"
    if value == UNKNOWN:
        return "*known after the update*"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text.replace(UNKNOWN, "(known after the update)")
    return _code(text if len(text) <= _VALUE else f"{text[:_VALUE]}…")


def _code(text: str) -> str:
    """Inline code that nothing in it can end, in one line of a table."""
    line = " ".join(text.split()).replace("|", "\\|") or " "
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{' ' if longest else ''}{line}{' ' if longest else ''}{fence}"


def _cell(text: str) -> str:
    return " ".join(_plain(text).split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text in which nothing is markup, a mention or HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#@~])", r"\\\1", escaped)
