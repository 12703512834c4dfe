"""Keeps files that are made from the settings as the settings say."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def keep(command: str, wanted: Mapping[Path, str], how: str) -> int:
    """``write``: writes those that are stale. ``check``: names them, and ``how`` they are written; then the exit code is 1."""
    stale = {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}
    if command == "check":
        if stale:
            names = " and ".join(sorted(path.name for path in stale))
            print(f"{names}: not what the settings say any more; run: {how}", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
        print(f"{path.name}: written")
    return 0
