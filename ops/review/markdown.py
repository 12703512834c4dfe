"""Write the review as Markdown for a pull request: the worst effect first, then what to look at, details folded.

Text from the change itself is always inline code, so it can neither form nor break the comment.
"""

from __future__ import annotations

from dataclasses import dataclass

from ops.review import fields
from ops.review.effect import Effect
from ops.review.escape import cell, code
from ops.review.judge import Assessment, worst
from ops.review.preview import Preview
from ops.review.promise import Row

LONGEST = 60_000  # characters; GitHub accepts 65,536 in a comment, and platforms add to it
_SIGNS = {Effect.NONE: "🟢", Effect.RESTART: "🔵", Effect.LOWER: "🟡", Effect.WEAKER: "🟠", Effect.OUTAGE: "🔴"}
_UNKNOWN = "⚪"
_NAMES, _ERRORS = 12, 5
_CUT = "\n\n*Cut here: the rest is too long for a comment. `--longest 1000000` prints all of it.*\n"


@dataclass(frozen=True)
class Words:
    """The wording of a comment: its name in the marker, the heading without and before an effect, the two columns."""

    about: str
    nothing: str
    prefix: str
    before: str
    after: str


REVIEW = Words("review", "nothing changes", "", "Before", "After")


def marker(preview: Preview, words: Words = REVIEW) -> str:
    """Return the invisible first line of the comment on this stack, by which a later run finds and updates it."""
    return f"<!-- ha-backend {words.about}: {preview.project}/{preview.stack} -->"


def write(
    preview: Preview,
    assessments: list[Assessment],
    promise: dict[str, list[Row]],
    longest: int = LONGEST,
    *,
    closing: str = "",
    words: Words = REVIEW,
) -> str:
    """Return the whole comment in at most ``longest`` characters, well formed. ``closing`` is its last line."""
    parts = [
        f"{marker(preview, words)}\n{_heading(preview, assessments, words)}\n",
        _incomplete(preview),
        _table(assessments),
        _without_effect(assessments),
        *(_promise(name, rows) for name, rows in promise.items()),
    ]
    ending = f"\n{closing}\n" if closing and (assessments or preview.errors) else ""
    shown = _fitting("".join(parts), longest - len(ending))
    return shown + fields.table(assessments, longest - len(shown) - len(ending), (words.before, words.after)) + ending


def _heading(preview: Preview, assessments: list[Assessment], words: Words) -> str:
    overall, stack = worst(assessments), code(preview.stack)
    if preview.errors:
        return f"### {_UNKNOWN} {stack}: not known, the preview is incomplete"
    if not assessments:
        return f"### {_SIGNS[overall]} {stack}: {words.nothing}"
    if words is REVIEW and all(one.step.op == "create" for one in assessments):
        return f"### {_SIGNS[overall]} {stack}: all new, {len(assessments)} resources"
    counts = [
        f"{number} x {effect.words}"
        for effect in reversed(Effect)
        if (number := sum(one.effect is effect for one in assessments))
    ]
    details = f" ({', '.join(counts)})" if len(assessments) > 1 else ""
    return f"### {_SIGNS[overall]} {stack}: {words.prefix}**{overall.words}**{details}"


def _incomplete(preview: Preview) -> str:
    if not preview.errors:
        return ""
    more = len(preview.errors) - _ERRORS
    lines = [f"- {code(error[:500])}" for error in preview.errors[:_ERRORS]] + (
        [f"- and {more} more"] if more > 0 else []
    )
    return "\nThis list is incomplete, because of these errors:\n\n" + "\n".join(lines) + "\n"


def _table(assessments: list[Assessment]) -> str:
    """Return what a reviewer should look at: every effect, and resources of types without rules."""
    lines = []
    for one in assessments:
        if not one.known:
            lines.append(
                f"| {_UNKNOWN} | {code(one.name)} | no rules for this type: {cell(one.findings[0].why)} | "
                f"{fields.summary(one, one.findings[0])} | look at it |"
            )
        for finding in sorted(one.findings, key=lambda finding: -finding.effect):
            if finding.effect is not Effect.NONE:
                effect = f"**{finding.effect.words}**: {cell(finding.why)}"
                lines.append(
                    f"| {_SIGNS[finding.effect]} | {code(one.name)} | {effect} | {fields.summary(one, finding)} | "
                    f"{cell(finding.fix)} |"
                )
    if not lines:
        return ""
    return "\n".join(["", "| | Resource | Effect | Because of | Instead |", "|---|---|---|---|---|", *lines]) + "\n"


def _without_effect(assessments: list[Assessment]) -> str:
    """Return the changes without an effect on pods, one line for each reason."""
    reasons: dict[str, list[str]] = {}
    for one in assessments:
        if one.known and one.effect is Effect.NONE:
            reasons.setdefault(one.findings[0].why, []).append(code(one.name))
    lines = [
        f"- {cell(why)}: {', '.join(names[:_NAMES])}"
        + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
        for why, names in reasons.items()
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
