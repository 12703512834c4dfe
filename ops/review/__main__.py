"""`python -m ops.review [FILE ...]`: what saved previews would do to availability, as Markdown for a reviewer.

A FILE is what `pulumi preview --json` has printed; `-`, or none, reads it from standard input. No cluster and no credentials
are needed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ops.review.preview import PreviewError, read
from ops.review.report import CODES, FAILED, add_flags, report, show


def main() -> int:
    """0 below the threshold; 10 and the effect's number at it or above; 1 where a file cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.review", description=__doc__.split(":", 1)[1].strip(), epilog=CODES
    )
    parser.add_argument("files", nargs="*", metavar="FILE", default=["-"])
    add_flags(parser)
    given = parser.parse_args()
    try:
        previews = [read(text(name), "standard input" if name == "-" else name) for name in given.files]
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    found = report(previews, given)
    show(found)
    if found.error:
        print(f"error: {found.error}", file=sys.stderr)
    return found.code


def text(name: str) -> str:
    """What is in a file, or on standard input. Raises PreviewError where it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PreviewError(
            f"{name} cannot be read: {reason}. Right would be a file that `pulumi preview --json` wrote."
        ) from None


if __name__ == "__main__":
    sys.exit(main())
