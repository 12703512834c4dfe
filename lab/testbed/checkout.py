"""A copy of the program in a folder of its own: its own stacks and its own state, the original is left alone."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOMS = (
    "settings",
    "components",
    "availability",
    "clouds",
    "inspection",
    "local",
    "preflight",
    "program",
    "render",
    "review",
    "engine",
    "package",
    "plugin",
)
FILES = ("__main__.py", "Pulumi.yaml", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "constraints.txt")


def copy(project: Path, folder: Path) -> Path:
    """Copies what a deployment needs, without any stack file, and gives ``folder``. What a copy there has deployed stays known.

    Its Python is the project's virtualenv, else the one that runs this. Raises FileNotFoundError where ``project`` is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for room in ROOMS:
        shutil.rmtree(folder / room, ignore_errors=True)
        shutil.copytree(project / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(project / file, folder / file)
    own = project / "venv"
    (folder / "venv").unlink(missing_ok=True)
    (folder / "venv").symlink_to(own.resolve() if own.exists() else sys.prefix)
    return folder
