"""`make review`: review the engine's preview of one stack, without printing the preview itself."""

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
from ops.errors import UserError
from ops.exit_codes import ExitCode
from ops.review.errors import REVIEW_FILE_NOT_WRITABLE, REVIEW_SHOWS_NO_SECRETS
from ops.review.preview import PreviewError, read
from ops.review.report import CODES, add_flags, report, show

Log = Callable[[str], None]
REVEALS = "--show-secrets"


class ReviewError(UserError):
    """The review cannot be done; the text gives the reason."""


@dataclass(frozen=True)
class ReviewOptions:
    """The report's format, the file for the preview if there is one, and the arguments for the engine."""

    report: argparse.Namespace
    save: Path | None
    engine: list[str]


def parse_options(arguments: list[str]) -> ReviewOptions:
    """Split the review's own flags from those for the engine. Raises ReviewError."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.cli review STACK",
        epilog=CODES,
        description="Review what the engine's preview would do to availability. Other flags are passed to the engine.",
    )
    add_flags(parser)
    parser.add_argument("--save", type=Path, metavar="FILE", help="save the engine's preview, with masked secrets")
    options, rest = parser.parse_known_args(arguments)
    if any(word.partition("=")[0] == REVEALS for word in rest):
        raise ReviewError(f"{REVEALS}: a review never shows secrets: omit it", REVIEW_SHOWS_NO_SECRETS)
    return ReviewOptions(options, options.save, rest)


def review(runner: Runner, stack: str, options: ReviewOptions, log: Log) -> int:
    """Preview, print the review, and return its exit code. Raises ReviewError if the engine returned no preview."""
    code, text = runner.preview_json(options.engine)
    try:
        preview = read(text, "its output", (NAME, stack))
    except PreviewError as error:
        raise ReviewError(f"pulumi preview ended with {code}, and {error.text}", error.kind) from None
    if code and not preview.errors:
        reason = f"pulumi preview ended with {code} and gave no reason; its output is in the log"
        preview, text = replace(preview, errors=(reason,)), f"{text}\n{_diagnostic(reason)}"
    if options.save:
        _save(options.save, text)
    result = report([preview], options.report)
    show(result)
    if result.error:
        log("\n".join(f"error: {error}" for error in (*preview.errors, result.error)))
    return result.code


def save_error(options: ReviewOptions, error: Exception) -> int:
    """Save an error instead of a preview, so that a comment can report it. Returns the exit code."""
    if options.save:
        with suppress(ReviewError):  # the error may be that the file is not writable
            _save(options.save, _diagnostic(str(error)))
    return ExitCode.FAILED


def _diagnostic(text: str) -> str:
    """Return an error in the form that the engine writes."""
    return json.dumps({"steps": [], "diagnostics": [{"severity": "error", "message": text}]})


def _save(file: Path, text: str) -> None:
    try:
        write_private(file, text)
    except OSError as error:
        raise ReviewError(
            f"--save {file}: {error.strerror}. Use a file in a writable folder.", REVIEW_FILE_NOT_WRITABLE
        ) from None
