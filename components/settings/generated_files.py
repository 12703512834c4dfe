"""Writes and checks files that are generated from the settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def keep(command: str, contents: Mapping[Path, str], how: str) -> int:
    """Write stale files (``write``), or report them with the command that writes them (``check``).

    Return the exit code: 1 if ``check`` finds a stale file.
    """
    stale = {path: text for path, text in contents.items() if not path.exists() or path.read_text() != text}
    if command == "check":
        if stale:
            names = " and ".join(sorted(path.name for path in stale))
            print(f"{names}: out of date: run {how}", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
        print(f"{path.name}: written")
    return 0
