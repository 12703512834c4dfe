"""Where a checkout keeps its files on this machine: in one directory next to the program, which git ignores."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_SEPARATOR = "+"  # not allowed in the name of a stack


def own(project: Path) -> Path:
    """Return the directory. After `make destroy`, nothing is left once it is deleted."""
    return project.absolute() / ".ha-backend"


def cluster(project: Path, stack: str, placement: str = "") -> Path:
    """Return the directory of an embedded cluster. Each checkout, stack and placement has its own."""
    return own(project) / "clusters" / (f"{stack}{_SEPARATOR}{placement}" if placement else stack)


def clusters(project: Path, stack: str) -> list[Path]:
    """Return the existing directories of a stack's embedded clusters."""
    return [
        folder
        for folder in (cluster(project, stack), *sorted((own(project) / "clusters").glob(f"{stack}{_SEPARATOR}*")))
        if folder.exists()
    ]


def deployment(project: Path, stack: str) -> Path:
    """Return the directory that a deployment uses while it runs."""
    return own(project) / f"deploy-{stack}"


def temporary(project: Path, stack: str) -> Path:
    """Return the directory for temporary files of the engine and everything that it starts."""
    return own(project) / f"tmp-{stack}"


def tidy(project: Path) -> None:
    """Remove the directories that are empty."""
    for folder in (own(project) / "clusters", own(project)):
        with suppress(OSError):  # not empty, or missing
            folder.rmdir()


def tidy_around(cluster_folder: Path) -> None:
    """Remove empty parent directories of a deleted embedded cluster, up to the checkout's own directory."""
    for folder in cluster_folder.parents:
        if ".ha-backend" not in folder.parts:
            return
        with suppress(OSError):  # not empty, or missing
            folder.rmdir()
