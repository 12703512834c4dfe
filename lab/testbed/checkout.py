"""A copy of the program in its own folder, with its own stacks and state; the original stays untouched."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PACKAGES = ("components", "ops", "plugin")
FILES = ("__main__.py", "Pulumi.yaml", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "constraints.txt")


def copy(project: Path, folder: Path) -> Path:
    """Copy what a deployment needs, without any stack file, and return ``folder``. State in an existing copy is kept.

    The copy uses the project's virtualenv, or the running Python without one. Raises FileNotFoundError if ``project``
    is not this project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        shutil.rmtree(folder / package, ignore_errors=True)
        shutil.copytree(project / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(project / file, folder / file)
    own = project / "venv"
    (folder / "venv").unlink(missing_ok=True)
    (folder / "venv").symlink_to(own.resolve() if own.exists() else sys.prefix)
    return folder
