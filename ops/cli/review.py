"""`make review`: the engine's preview of one stack, read by the review and not shown itself."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from components.devcluster.kubeconfig import write_private
from components.settings.stack import PROJECT as NAME
from ops.cli.run import Runner
from ops.review.preview import PreviewError, read
from ops.review.report import CODES, FAILED, add_flags, report, show

Log = Callable[[str], None]
REVEALS = "--show-secrets"


class ReviewError(Exception):
    """What was asked for cannot be done; the text says why."""


@dataclass(frozen=True)
class Asked:
    """How to report, where to keep the preview if anywhere, and what is for the engine."""

    how: argparse.Namespace
    save: Path | None
    more: list[str]


def asked(words: list[str]) -> Asked:
    """Takes our own flags out of what follows the stack; the rest is the engine's. Raises ReviewError."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.cli review STACK",
        epilog=CODES,
        description="What the engine's preview would do to availability. Other flags are its own.",
    )
    add_flags(parser)
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the engine's preview there, its secrets masked")
    how, more = parser.parse_known_args(words)
    if any(word.partition("=")[0] == REVEALS for word in more):
        raise ReviewError(f"{REVEALS}: a review never shows secrets: leave it out")
    return Asked(how, how.save, more)


def review(runner: Runner, stack: str, ask: Asked, log: Log) -> int:
    """Previews, prints the review, gives its exit code. Raises ReviewError where the engine gave no preview."""
    code, text = runner.preview_json(ask.more)
    try:
        preview = read(text, "its answer", (NAME, stack))
    except PreviewError as error:
        raise ReviewError(f"pulumi preview ended with {code}, and {error}") from None
    if code and not preview.errors:
        more = f"pulumi preview ended with {code} and gave no reason; what it said is in the log"
        preview, text = replace(preview, errors=(more,)), f"{text}\n{_error(more)}"
    if ask.save:
        _save(ask.save, text)
    found = report([preview], ask.how)
    show(found)
    if found.error:
        log("\n".join(f"error: {error}" for error in (*preview.errors, found.error)))
    return found.code


def refused(ask: Asked, error: Exception) -> int:
    """For what ended without a preview: keeps why instead, so that a comment can say it."""
    if ask.save:
        with suppress(ReviewError):  # then it is what was refused
            _save(ask.save, _error(str(error)))
    return FAILED


def _error(text: str) -> str:
    """As the engine itself writes one."""
    return json.dumps({"steps": [], "diagnostics": [{"severity": "error", "message": text}]})


def _save(file: Path, text: str) -> None:
    try:
        write_private(file, text)
    except OSError as error:
        raise ReviewError(
            f"--save {file}: {error.strerror}. Right would be a file in a folder that can be written"
        ) from None
