"""The figures so far, written to a file after each step, so that an interrupted run keeps them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.bench.process import Run

Figures = dict[str, Any]


@dataclass
class Checkpoint:
    """The raw figures of a run, and the ``file`` that contains them."""

    file: Path
    raw: Figures = field(default_factory=dict)

    def run(self, result: Run, *path: str) -> None:
        """Append one command's figures to the list under ``path``."""
        inner = self.raw
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner.setdefault(path[-1], []).append(asdict(result))
        self.write()

    def put(self, value: Any, *path: str) -> None:
        """Set one value under ``path``."""
        inner = self.raw
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = value
        self.write()

    def write(self) -> None:
        """Write the file atomically."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.raw, indent=1))
        fresh.replace(self.file)


def column(raw: Figures, key: str, *path: str) -> list[float]:
    """Return a figure of every run under ``path``, such as ``"one", "up", "ours"``; [] if there is none."""
    inner: Any = raw
    for step in path:
        inner = inner.get(step, {}) if isinstance(inner, dict) else {}
    return [float(each[key]) for each in inner] if isinstance(inner, list) else []
