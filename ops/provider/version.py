"""The package's version. pyproject.toml holds it for the wheel, the schema and the plugin."""

from __future__ import annotations

import tomllib
from pathlib import Path


def version() -> str:
    """Return the semantic version, such as ``0.1.0``."""
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]
    return str(project["version"])
