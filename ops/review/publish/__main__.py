"""`python -m ops.review.publish --stack STACK FILE`: the review of a saved preview, as the one comment on this stack of a pull request.

FILE is what `make review ARGS="--save FILE"` kept. It is taken for data of somebody else: its size, its project and its stack
are checked, and nothing in it can form the comment. Where it is not there, the comment says so: an old one would be misread.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from components.settings.stack import PROJECT
from ops.review.markdown import marker
from ops.review.preview import Preview, PreviewError, read
from ops.review.publish.ci_context import PlaceError, find
from ops.review.publish.comment import put
from ops.review.publish.rest import RestError
from ops.review.report import add_threshold, comment

LARGEST = 20_000_000  # bytes; a preview of a hundred resources has about a million


def main() -> int:
    """0 where the comment is there and the preview was read; 1 with one message."""
    parser = argparse.ArgumentParser(prog="python -m ops.review.publish", description=__doc__.split(":", 1)[1].strip())
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--number", type=int, help="the pull request's; left out: the one that this run is about")
    parser.add_argument(
        "--author", help="whom the token writes as; left out: asked for, or GitHub's own github-actions[bot]"
    )
    add_threshold(parser)
    given = parser.parse_args()
    preview, problem = _preview(given.file, given.stack)
    try:
        place = find(os.environ, given.number, given.author)
        about = " · ".join(
            [
                *([f"commit `{place.commit[:10]}`"] if place.commit.isalnum() else []),
                *([f"[the run]({place.run})"] if place.run else []),
            ]
        )
        text = comment(preview, given.fail_on).rstrip() + (f"\n\n<sub>{about}</sub>\n" if about else "\n")
        url = put(place.thread, marker(preview), text, lambda said: print(said, file=sys.stderr, flush=True))
    except (PlaceError, RestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"the comment on {given.stack}: {url}")
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problem else 0


def _preview(file: Path, stack: str) -> tuple[Preview, str]:
    """The preview; where there is none, one that says why, and the reason."""
    try:
        if file.is_symlink():
            raise PreviewError(f"{file.name} is a link. Right would be a file.")
        if file.stat().st_size > LARGEST:
            raise PreviewError(f"{file.name} has {file.stat().st_size} bytes. Right would be {LARGEST} at the most.")
        preview = read(file.read_text(), file.name, (PROJECT, stack))
        comment(preview, "never")
        return preview, ""
    except OSError as error:
        problem = f"there is no preview: {file.name}: {error.strerror}"
    except PreviewError as error:
        problem = str(error)
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        RecursionError,
    ) as error:  # not what an engine writes
        problem = f"{file.name} is no preview that can be read: {type(error).__name__}"
    return Preview(stack, PROJECT, (), (problem,)), problem


if __name__ == "__main__":
    sys.exit(main())
