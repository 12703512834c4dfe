"""Where a checkout keeps what it makes on this machine: all in one folder beside the program, ignored by git."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def own(project: Path) -> Path:
    """The folder; deleting it after `make destroy` leaves nothing behind."""
    return project.absolute() / ".ha-backend"


def cluster(project: Path, stack: str) -> Path:
    """The folder of a stack's embedded cluster: two checkouts, or two stacks of one, never share it."""
    return own(project) / "clusters" / stack


def deployment(project: Path, stack: str) -> Path:
    """What one deployment needs while it runs; nothing of it is kept."""
    return own(project) / f"deploy-{stack}"


def temporary(project: Path, stack: str) -> Path:
    """For the temporary files of the engine and of all that it starts, an embedded cluster's programs included."""
    return own(project) / f"tmp-{stack}"


def tidy(project: Path) -> None:
    """Removes the folders that hold nothing any more."""
    for folder in (own(project) / "clusters", own(project)):
        with suppress(OSError):  # not empty, or not there
            folder.rmdir()


def tidy_around(cluster_folder: Path) -> None:
    """Removes the folders around an embedded cluster that is gone, as far as they are ours and hold nothing any more."""
    for folder in cluster_folder.parents:
        if ".ha-backend" not in folder.parts:
            return
        with suppress(OSError):  # not empty, or not there
            folder.rmdir()
