"""Report on previews: the text, and the exit code by a threshold of severity."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from components.errors import tagged
from ops.exit_codes import ExitCode
from ops.review import markdown
from ops.review.effect import Effect
from ops.review.errors import PREVIEW_INCOMPLETE
from ops.review.judge import Assessment, judge, worst
from ops.review.preview import Preview
from ops.review.promise import rows

CODES = (
    "Exit codes: 0 below the threshold, 11 rolling restart, 12 capacity lower, 13 guarantee weaker, 14 outage, "
    "1 no preview or an incomplete one, 2 wrong arguments."
)
INCOMPLETE = tagged("the preview is incomplete: fix the errors above and create it again", PREVIEW_INCOMPLETE)


@dataclass(frozen=True)
class Report:
    """The text, the exit code, and an error if the code is not about the change."""

    text: str
    code: int
    error: str = ""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose the report's format."""
    add_threshold(parser)
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    parser.add_argument(
        "--longest",
        type=int,
        default=markdown.LONGEST,
        metavar="CHARACTERS",
        help="cut the Markdown at this length; default: %(default)s",
    )


def add_threshold(parser: argparse.ArgumentParser) -> None:
    """Add the flag that sets the threshold."""
    parser.add_argument(
        "--fail-on",
        choices=[effect.word for effect in Effect if effect] + ["never"],
        default="outage",
        help="the mildest effect that is an error; default: outage",
    )


def report(previews: list[Preview], options: argparse.Namespace) -> Report:
    """Return the report on all previews, in the format of the flags."""
    reviews = [(preview, judge(preview)) for preview in previews]
    if options.format == "json":
        text = json.dumps([_plain(preview, assessments) for preview, assessments in reviews], indent=2)
    else:
        text = "\n".join(comment(preview, options.fail_on, options.longest) for preview in previews).rstrip()
    code = max((_code(preview, worst(assessments), options.fail_on) for preview, assessments in reviews), default=0)
    if any(preview.errors for preview in previews):
        return Report(text, ExitCode.FAILED, INCOMPLETE)
    return Report(text, code)


def show(result: Report) -> None:
    """Print the text. A reader that closes the pipe early, such as ``head``, is not an error."""
    try:
        print(result.text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit


def comment(preview: Preview, threshold: str, longest: int = markdown.LONGEST) -> str:
    """Return the Markdown for one stack. Its last line explains the exit code."""
    assessments = judge(preview)
    code = _code(preview, worst(assessments), threshold)
    if code == ExitCode.FAILED:
        closing = "Exit code 1: the effect of the change is not known."
    elif threshold == "never":
        closing = "Exit code 0: no effect is an error (`--fail-on never`)."
    else:
        compared, words = "reaches" if code else "stays below", Effect[threshold.upper()].words
        closing = f"Exit code {code:d}: the effect {compared} the threshold, *{words}* (`--fail-on {threshold}`)."
    return markdown.write(preview, assessments, rows(preview), longest, closing=closing)


def _code(preview: Preview, effect: Effect, threshold: str) -> int:
    if preview.errors:
        return ExitCode.FAILED
    return 0 if threshold == "never" or effect < Effect[threshold.upper()] else ExitCode.NO_EFFECT + effect


def _plain(preview: Preview, assessments: list[Assessment]) -> dict[str, Any]:
    return {
        "stack": preview.stack,
        "project": preview.project,
        "effect": worst(assessments).word,
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
            for one in assessments
        ],
        "promise": {
            name: [
                {"failure": row.failure, "before": row.before, "after": row.after, "worse": row.worse}
                for row in changed
            ]
            for name, changed in rows(preview).items()
        },
    }
