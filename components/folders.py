"""Where a checkout keeps what it makes on this machine: all in one folder beside the program, ignored by git."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_PLACED = "+"  # which no stack's name has


def own(project: Path) -> Path:
    """The folder; deleting it after `make destroy` leaves nothing behind."""
    return project.absolute() / ".ha-backend"


def cluster(project: Path, stack: str, placement: str = "") -> Path:
    """The folder of an embedded cluster of a stack: two checkouts, stacks of one, or placements of one, never share it."""
    return own(project) / "clusters" / (f"{stack}{_PLACED}{placement}" if placement else stack)


def clusters(project: Path, stack: str) -> list[Path]:
    """Those of a stack that are there."""
    return [
        folder
        for folder in (cluster(project, stack), *sorted((own(project) / "clusters").glob(f"{stack}{_PLACED}*")))
        if folder.exists()
    ]


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
