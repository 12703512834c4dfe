"""`python -m ops.review.publish --stack STACK FILE`: publish a review as a comment on a pull request.

FILE is what `make review ARGS="--save FILE"` wrote. It is untrusted data: its size, project and stack are checked, and
nothing in it acts as markup. If the file is missing, the comment reports that, because an outdated one would mislead.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from components.errors import tagged
from components.settings.stack import PROJECT
from ops.exit_codes import ExitCode
from ops.review.errors import NOT_A_PREVIEW, PREVIEW_FILE_REJECTED, REVIEW_FILE_UNREADABLE
from ops.review.markdown import marker
from ops.review.preview import Preview, PreviewError, read
from ops.review.publish.ci_context import CiContextError, detect
from ops.review.publish.comment import upsert
from ops.review.publish.rest import RestError
from ops.review.report import add_threshold, comment

LARGEST = 20_000_000  # bytes; a preview of a hundred resources has about a million


def main() -> int:
    """Return 0 if the comment is written and the preview could be read; 1 with one message otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ops.review.publish", description=__doc__.split(":", 1)[1].strip())
    parser.add_argument("file", metavar="FILE", type=Path, help="the saved preview")
    parser.add_argument("--stack", required=True, help="the stack that the preview must describe")
    parser.add_argument("--number", type=int, help="the number of the pull request; default: the one of this CI run")
    parser.add_argument(
        "--author", help="the account of the token; default: looked up, or GitHub's own github-actions[bot]"
    )
    add_threshold(parser)
    options = parser.parse_args()
    preview, problem = _preview(options.file, options.stack)
    try:
        context = detect(os.environ, options.number, options.author)
        about = " · ".join(
            [
                *([f"commit `{context.commit[:10]}`"] if context.commit.isalnum() else []),
                *([f"[the run]({context.run})"] if context.run else []),
            ]
        )
        text = comment(preview, options.fail_on).rstrip() + (f"\n\n<sub>{about}</sub>\n" if about else "\n")
        url = upsert(context.thread, marker(preview), text, lambda line: print(line, file=sys.stderr, flush=True))
    except (CiContextError, RestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return ExitCode.FAILED
    print(f"the comment on {options.stack}: {url}")
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    return ExitCode.FAILED if problem else ExitCode.OK


def _preview(file: Path, stack: str) -> tuple[Preview, str]:
    """Return the preview and an empty text; or a preview that holds only an error, and that error."""
    try:
        if file.is_symlink():
            raise PreviewError(f"{file.name} is a symbolic link. Use a regular file.", PREVIEW_FILE_REJECTED)
        if file.stat().st_size > LARGEST:
            raise PreviewError(
                f"{file.name} has {file.stat().st_size} bytes. Use a file of at most {LARGEST} bytes.",
                PREVIEW_FILE_REJECTED,
            )
        preview = read(file.read_text(), file.name, (PROJECT, stack))
        comment(preview, "never")
        return preview, ""
    except OSError as error:
        problem = tagged(
            f"{file.name} cannot be read, so there is no preview: {error.strerror}", REVIEW_FILE_UNREADABLE
        )
    except PreviewError as error:
        problem = str(error)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        # No engine writes such a file.
        problem = tagged(f"{file.name} is not a valid preview: {type(error).__name__}", NOT_A_PREVIEW)
    return Preview(stack, PROJECT, (), (problem,)), problem


if __name__ == "__main__":
    sys.exit(main())
