"""What is said about previews, and with which exit code: below or above a threshold of severity."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import Judged, judge, worst
from ops.review.preview import Preview
from ops.review.promise import rows

FAILED, FIRST_CODE = 1, 10
CODES = (
    "Exit codes: 0 below the threshold, 11 rolling restart, 12 capacity lower, 13 guarantee weaker, 14 outage, "
    "1 no preview or an incomplete one, 2 wrong words."
)
INCOMPLETE = "the preview is not complete, so that nobody knows what the change does"


@dataclass(frozen=True)
class Report:
    """A text, the exit code, and what to say beside it where the code is not about the change."""

    text: str
    code: int
    error: str = ""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that say how to report."""
    add_threshold(parser)
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    parser.add_argument(
        "--longest", type=int, default=markdown.LONGEST, metavar="CHARACTERS", help="cut the Markdown there"
    )


def add_threshold(parser: argparse.ArgumentParser) -> None:
    """The flag that says from where on an effect is an error."""
    parser.add_argument(
        "--fail-on",
        choices=[effect.word for effect in Effect if effect] + ["never"],
        default="outage",
        help="the least effect that is an error; left out: outage",
    )


def report(previews: list[Preview], given: argparse.Namespace) -> Report:
    """All of it, as the flags ask for."""
    found = [(preview, judge(preview)) for preview in previews]
    if given.format == "json":
        text = json.dumps([_plain(preview, judged) for preview, judged in found], indent=2)
    else:
        text = "\n".join(comment(preview, given.fail_on, given.longest) for preview in previews).rstrip()
    code = max((_code(preview, worst(judged), given.fail_on) for preview, judged in found), default=0)
    if any(preview.errors for preview in previews):
        return Report(text, FAILED, INCOMPLETE)
    return Report(text, code)


def show(found: Report) -> None:
    """Prints it. A reader that goes before the end, as ``head`` does, has seen enough: that is no error."""
    try:
        print(found.text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor when the interpreter flushes it once more


def comment(preview: Preview, threshold: str, longest: int = markdown.LONGEST) -> str:
    """One stack's Markdown, its last line the exit code and why."""
    judged = judge(preview)
    code = _code(preview, worst(judged), threshold)
    if code == FAILED:
        closing = "Exit code 1: what the change does is not known."
    elif threshold == "never":
        closing = "Exit code 0: nothing is an error here (`--fail-on never`)."
    else:
        compared, words = "reaches" if code else "stays below", Effect[threshold.upper()].words
        closing = f"Exit code {code}: it {compared} the threshold, *{words}* (`--fail-on {threshold}`)."
    return markdown.write(preview, judged, rows(preview), longest, closing=closing)


def _code(preview: Preview, effect: Effect, threshold: str) -> int:
    if preview.errors:
        return FAILED
    return 0 if threshold == "never" or effect < Effect[threshold.upper()] else FIRST_CODE + effect


def _plain(preview: Preview, judged: list[Judged]) -> dict[str, Any]:
    return {
        "stack": preview.stack,
        "project": preview.project,
        "effect": worst(judged).word,
        "errors": list(preview.errors),
        "resources": [
            {
                "urn": one.step.urn,
                "op": one.step.op,
                "effect": one.effect.word,
                "known": one.known,
                "findings": [
                    {
                        "effect": finding.effect.word,
                        "why": finding.why,
                        "fields": [field.path for field in finding.fields],
                        "fix": finding.fix,
                    }
                    for finding in one.findings
                ],
            }
            for one in judged
        ],
        "promise": {
            name: [
                {"failure": row.failure, "before": row.before, "after": row.after, "worse": row.worse}
                for row in changed
            ]
            for name, changed in rows(preview).items()
        },
    }
