"""`python -m ops.convert [FILE]` converts manifests into stack files. The report goes to stderr."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ops.convert import errors
from ops.convert.conversion import Conversion, convert
from ops.convert.documents import read
from ops.convert.objects import last_of_each
from ops.convert.report import report
from ops.convert.workload import left_out
from ops.errors import UserError
from ops.exit_codes import ExitCode

_STDIN = "standard input"


def main(words: Sequence[str] | None = None) -> int:
    """Return 0 if every workload is converted, and 1 if one is not or if the manifest cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.convert", allow_abbrev=False, description="Convert Kubernetes manifests into stack files."
    )
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="the manifests (default: -, standard input)"
    )
    parser.add_argument("--out", default="converted", metavar="FOLDER", help="folder of the stack files; - for stdout")
    parser.add_argument("--report", metavar="FILE", help="file of the report (default: stderr)")
    parser.add_argument("--force", action="store_true", help="overwrite stack files that exist")
    options = parser.parse_args(words)
    source = _STDIN if options.file == "-" else Path(options.file).name
    try:
        with _opened(options.file) as stream:
            objects = read(stream, source)
        conversions = convert(objects, source)
        files = _written(conversions, options.out, force=options.force)
        text = report(conversions, source, left_out(objects), files, last_of_each(objects)[1])
        if options.report:
            _write(Path(options.report), text)
        else:
            print(text, end="", file=sys.stderr)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return int(ExitCode.OK) if all(one.text for one in conversions) else 1


def _opened(file: str) -> contextlib.AbstractContextManager[BinaryIO]:
    if file == "-":
        return contextlib.nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}): pass a file", errors.MANIFEST_UNREADABLE) from None


def _written(conversions: Sequence[Conversion], out: str, *, force: bool) -> dict[str, str]:
    """Write the stack files. Return where each one is, by the stack."""
    texts = {one.stack: one.text for one in conversions if one.text}
    if out == "-":
        print("---\n".join(texts.values()), end="")
        return dict.fromkeys(texts, "standard output")
    files = {stack: Path(out, f"Pulumi.{stack}.yaml") for stack in texts}
    for file in files.values():
        if file.exists() and not force:
            raise UserError(
                f"{file}: exists already: choose another --out, or pass --force", errors.OUTPUT_NOT_WRITABLE
            )
    for stack, file in files.items():
        _write(file, texts[stack])
    return {stack: str(file) for stack, file in files.items()}


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise UserError(f"{file}: cannot be written ({reason}): choose another", errors.OUTPUT_NOT_WRITABLE) from None


if __name__ == "__main__":
    sys.exit(main())
