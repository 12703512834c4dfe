"""The review as Markdown for a pull request's comment: the worst in the first line, then what to look at, details folded.

Whatever comes from the change itself is written as code, so that it can neither form nor break the comment.
"""

from __future__ import annotations

from dataclasses import dataclass

from ops.review import fields
from ops.review.effect import Effect
from ops.review.escape import cell, code
from ops.review.judge import Judged, worst
from ops.review.preview import Preview
from ops.review.promise import Row

LONGEST = 60_000  # characters: a comment takes 65,536, and platforms add to it
_SIGNS = {Effect.NONE: "🟢", Effect.RESTART: "🔵", Effect.LOWER: "🟡", Effect.WEAKER: "🟠", Effect.OUTAGE: "🔴"}
_UNKNOWN = "⚪"
_NAMES, _ERRORS = 12, 5
_CUT = "\n\n*Cut here: the rest is too long for a comment. `--longest 1000000` prints all of it.*\n"


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


def write(
    preview: Preview,
    judged: list[Judged],
    promise: dict[str, list[Row]],
    longest: int = LONGEST,
    *,
    closing: str = "",
    words: Words = REVIEW,
) -> str:
    """The whole comment, at most ``longest`` characters, with every part that was opened closed. ``closing``: its last line."""
    parts = [
        f"{marker(preview, words)}\n{_heading(preview, judged, words)}\n",
        _incomplete(preview),
        _table(judged),
        _quiet(judged),
        *(_promise(name, rows) for name, rows in promise.items()),
    ]
    ending = f"\n{closing}\n" if closing and (judged or preview.errors) else ""
    shown = _fitting("".join(parts), longest - len(ending))
    return shown + fields.table(judged, longest - len(shown) - len(ending), (words.before, words.after)) + ending


def _heading(preview: Preview, judged: list[Judged], words: Words) -> str:
    overall, stack = worst(judged), code(preview.stack)
    if preview.errors:
        return f"### {_UNKNOWN} {stack}: not known, the preview is not complete"
    if not judged:
        return f"### {_SIGNS[overall]} {stack}: {words.nothing}"
    if words is REVIEW and all(one.step.op == "create" for one in judged):
        return f"### {_SIGNS[overall]} {stack}: all new, {len(judged)} resources"
    counts = [
        f"{number} x {effect.words}"
        for effect in reversed(Effect)
        if (number := sum(one.effect is effect for one in judged))
    ]
    told = f" ({', '.join(counts)})" if len(judged) > 1 else ""
    return f"### {_SIGNS[overall]} {stack}: {words.something}**{overall.words}**{told}"


def _incomplete(preview: Preview) -> str:
    if not preview.errors:
        return ""
    more = len(preview.errors) - _ERRORS
    lines = [f"- {code(error[:500])}" for error in preview.errors[:_ERRORS]] + (
        [f"- and {more} more"] if more > 0 else []
    )
    return "\nMore may happen than is shown here, because of\n\n" + "\n".join(lines) + "\n"


def _table(judged: list[Judged]) -> str:
    """What a reviewer should look at: every effect, and what nobody here can judge."""
    lines = []
    for one in judged:
        if not one.known:
            lines.append(
                f"| {_UNKNOWN} | {code(one.name)} | this kind is not known here: {cell(one.findings[0].why)} | "
                f"{fields.named(one, one.findings[0])} | look at it |"
            )
        for finding in sorted(one.findings, key=lambda found: -found.effect):
            if finding.effect is not Effect.NONE:
                effect = f"**{finding.effect.words}**: {cell(finding.why)}"
                lines.append(
                    f"| {_SIGNS[finding.effect]} | {code(one.name)} | {effect} | {fields.named(one, finding)} | "
                    f"{cell(finding.fix)} |"
                )
    if not lines:
        return ""
    return "\n".join(["", "| | Resource | Effect | Because of | Instead |", "|---|---|---|---|---|", *lines]) + "\n"


def _quiet(judged: list[Judged]) -> str:
    """What happens besides, without any effect on pods: one line for each way."""
    ways: dict[str, list[str]] = {}
    for one in judged:
        if one.known and one.effect is Effect.NONE:
            ways.setdefault(one.findings[0].why, []).append(code(one.name))
    lines = [
        f"- {cell(why)}: {', '.join(names[:_NAMES])}"
        + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
        for why, names in ways.items()
    ]
    return "\nNo effect on pods:\n\n" + "\n".join(lines) + "\n" if lines else ""


def _promise(name: str, rows: list[Row]) -> str:
    lines = [
        "",
        f"The promise of {code(name)}, where it changes:",
        "",
        "| | Failure | Before | After |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {'🟠' if row.worse else '🟢'} | {cell(row.failure)} | {cell(row.before)} | {cell(row.after)} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _fitting(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[: max(0, longest - len(_CUT))].rpartition("\n")[0] + _CUT
