"""The package's version, which pyproject.toml holds for wheel, schema and plugin alike."""

from __future__ import annotations

import tomllib
from pathlib import Path


def version() -> str:
    """Semantic, e.g. ``0.1.0``."""
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]
    return str(project["version"])
