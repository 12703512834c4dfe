"""`python -m review [FILE ...]`: what saved previews would do to availability, as Markdown for a reviewer.

A FILE is what `pulumi preview --json` has printed; `-`, or none, reads it from standard input. No cluster and no credentials
are needed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from review import markdown
from review.effect import Effect
from review.judge import Judged, judge, worst
from review.preview import Preview, PreviewError, read
from review.promised import rows

FAILED, FIRST_CODE = 1, 10


def main() -> int:
    """0 below the threshold; 10 and the effect's number at it or above; 1 where a file cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m review", description=__doc__.split(":", 1)[1].strip(),
        epilog="Exit codes: 0 below the threshold, 11 rolling restart, 12 capacity lower, 13 guarantee weaker, 14 outage, "
               "1 no preview or an incomplete one, 2 wrong words.")
    parser.add_argument("files", nargs="*", metavar="FILE", default=["-"])
    parser.add_argument("--fail-on", choices=[effect.word for effect in Effect if effect] + ["never"], default="outage",
                        help="the least effect that is an error; left out: outage")
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    parser.add_argument("--longest", type=int, default=markdown.LONGEST, metavar="CHARACTERS", help="cut the Markdown there")
    given = parser.parse_args()
    try:
        previews = [read(_text(name), _source(name)) for name in given.files]
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    found = [(preview, judge(preview)) for preview in previews]
    if given.format == "json":
        print(json.dumps([_plain(preview, judged) for preview, judged in found], indent=2))
    else:
        print("\n".join(markdown.write(preview, judged, rows(preview), given.longest) for preview, judged in found))
    return _code([preview for preview, _ in found], max(worst(judged) for _, judged in found), given.fail_on)


def _code(previews: list[Preview], effect: Effect, threshold: str) -> int:
    if any(preview.errors for preview in previews):
        print("error: the preview is not complete, so that nobody knows what the change does", file=sys.stderr)
        return FAILED
    if threshold == "never" or effect < Effect[threshold.upper()]:
        return 0
    return FIRST_CODE + effect


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PreviewError(f"{name} cannot be read: {reason}. "
                           "Right would be a file that `pulumi preview --json` wrote.") from None


def _source(name: str) -> str:
    return "standard input" if name == "-" else name


def _plain(preview: Preview, judged: list[Judged]) -> dict[str, Any]:
    return {"stack": preview.stack, "project": preview.project, "effect": worst(judged).word, "errors": list(preview.errors),
            "resources": [{"urn": one.step.urn, "op": one.step.op, "effect": one.effect.word, "known": one.known, "findings": [
                {"effect": finding.effect.word, "why": finding.why, "fields": [field.path for field in finding.fields],
                 "fix": finding.fix} for finding in one.findings]} for one in judged],
            "promise": {name: [{"failure": row.failure, "before": row.before, "after": row.after, "worse": row.worse}
                               for row in changed] for name, changed in rows(preview).items()}}


if __name__ == "__main__":
    sys.exit(main())
