"""`python -m ops.review [FILE ...]`: review saved previews, and print Markdown for a reviewer.

A FILE is the output of `pulumi preview --json`; `-`, or no FILE, reads standard input.
The command needs neither a cluster nor credentials.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ops.exit_codes import ExitCode
from ops.review.errors import REVIEW_FILE_UNREADABLE
from ops.review.preview import PreviewError, read
from ops.review.report import CODES, add_flags, report, show


def main() -> int:
    """Return 0 below the threshold, 10 plus the effect's number at or above it, or 1 if a file cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.review", description=__doc__.split(":", 1)[1].strip(), epilog=CODES
    )
    parser.add_argument("files", nargs="*", metavar="FILE", default=["-"])
    add_flags(parser)
    options = parser.parse_args()
    try:
        previews = [read(text(name), "standard input" if name == "-" else name) for name in options.files]
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return ExitCode.FAILED
    result = report(previews, options)
    show(result)
    if result.error:
        print(f"error: {result.error}", file=sys.stderr)
    return result.code


def text(name: str) -> str:
    """Return the text of a file or of standard input. Raises PreviewError if it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise PreviewError(
            f"{name} cannot be read: {reason}. Use a file that `pulumi preview --json` wrote.", REVIEW_FILE_UNREADABLE
        ) from None


if __name__ == "__main__":
    sys.exit(main())
