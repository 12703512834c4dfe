"""What was measured so far, kept in a file after each step: a run that ends early has not been in vain."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.bench.process import Run

Figures = dict[str, Any]


@dataclass
class Notes:
    """The raw figures of a run, as they stand in ``file``."""

    file: Path
    raw: Figures = field(default_factory=dict)

    def run(self, made: Run, *path: str) -> None:
        """Adds what one command took to the list under ``path``."""
        inner = self.raw
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner.setdefault(path[-1], []).append(asdict(made))
        self.write()

    def put(self, value: Any, *path: str) -> None:
        """Sets one value under ``path``."""
        inner = self.raw
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = value
        self.write()

    def write(self) -> None:
        """Whole or not at all."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.raw, indent=1))
        fresh.replace(self.file)


def column(raw: Figures, key: str, *path: str) -> list[float]:
    """One figure of every run under ``path``, e.g. ``column(raw, "seconds", "one", "up", "ours")``; [] where there is none."""
    inner: Any = raw
    for step in path:
        inner = inner.get(step, {}) if isinstance(inner, dict) else {}
    return [float(each[key]) for each in inner] if isinstance(inner, list) else []
