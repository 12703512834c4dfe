"""`python -m tools.docs.recording`: run a command in a clean copy of the project and record its terminal as SVG.

``--first`` and ``--last`` choose the part of the output. Colors stay. Nothing that identifies this machine is in the
picture: paths are replaced, and the name of the host or the user makes the recording fail.
"""

from __future__ import annotations

import argparse
import getpass
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

PROJECT = Path(__file__).parent.parent.parent
COLUMNS, SECONDS = 150, 900
# rich's own format, without its web fonts: the file loads nothing.
_FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


def main() -> int:
    """Return the exit code of the recorded command, or 1 if the recording would identify this machine."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.recording", description=__doc__)
    parser.add_argument("--command", default="make up", help="default: %(default)s")
    parser.add_argument("--afterwards", default="make destroy", help="a second command, not recorded")
    parser.add_argument("--first", default=r"^ {4}\S*highly available:", help="regex of the first line")
    parser.add_argument("--last", default="These are worst cases", help="regex of the last line")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "assets" / "make-up.svg")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "ha-backend")
        copy_project(copy)
        began = time.monotonic()
        try:
            code, output = capture(options.command.split(), copy)
            seconds = time.monotonic() - began
        finally:
            subprocess.run(options.afterwards.split(), cwd=copy, stdout=subprocess.DEVNULL, check=False)
    if code:
        print(output, file=sys.stderr)
        return code
    text = anonymous(excerpt(output, options.first, options.last), copy)
    options.output.write_text(svg(text, f"$ {options.command}", seconds))
    print(f"{options.output.name}: {options.output.stat().st_size} bytes, {seconds:.0f} s recorded", file=sys.stderr)
    return 0


def copy_project(folder: Path) -> None:
    """Copy what git tracks, as it is in the working tree, and use the virtualenv of this checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
            if name.endswith(".txt"):
                os.utime(folder / name, (0, 0))  # older than the virtualenv, so that make does not create one
    (folder / "venv").symlink_to(PROJECT / "venv")


def capture(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a command in a pseudo-terminal, and return its exit code and its output. Raises TimeoutError."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "MAKEFLAGS": ""}
    parent, child = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=child, stdout=child, stderr=child)
    os.close(child)
    deadline, chunks = time.monotonic() + SECONDS, []
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:  # Linux reports EIO when the last program has closed the terminal
            chunk = b""
        if not chunk:
            break
        chunks.append(chunk)
        if time.monotonic() > deadline:
            process.kill()
            raise TimeoutError(f"{' '.join(command)} took longer than {SECONDS} s")
    os.close(parent)
    return process.wait(), b"".join(chunks).decode(errors="replace").replace("\r\n", "\n")


def anonymous(text: str, copy: Path) -> str:
    """Return the text without what identifies this machine. Raises ValueError if something remains."""
    for path, name in ((copy, "~/ha-backend"), (PROJECT, "~/ha-backend"), (Path.home(), "~")):
        text = text.replace(f"file://{path}", f"file://{name}").replace(str(path), name)
    text = re.sub(r"(engine: pulumi [\d.]+) \([^)]*\)", r"\1", text)
    for word in {socket.gethostname(), getpass.getuser(), str(Path.home()), tempfile.gettempdir()}:
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            raise ValueError(f"the recording contains {word!r}")
    return text


def excerpt(text: str, first: str, last: str) -> str:
    """Return the lines from a match of ``first`` to the next match of ``last``. Raises ValueError without one."""
    lines = text.split("\n")
    start = _index(lines, first)
    end = start + _index(lines[start:], last)
    return "\n".join(line.strip() if line == lines[start] else line for line in lines[start : end + 1])


def _index(lines: list[str], pattern: str) -> int:
    for number, line in enumerate(lines):
        if re.search(pattern, line):
            return number
    raise ValueError(f"no line of the output matches {pattern!r}")


def svg(text: str, title: str, seconds: float) -> str:
    """Return the text as a picture of a terminal."""
    content = Text.from_ansi(text)
    width = max(100, *(len(line) for line in content.plain.splitlines()))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=width, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(content, soft_wrap=False)
        return console.export_svg(
            title=f"{title}   ({seconds:.0f} s)", theme=DIMMED_MONOKAI, code_format=_FORMAT, unique_id="terminal"
        )


if __name__ == "__main__":
    sys.exit(main())
