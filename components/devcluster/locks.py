"""One at a time: a lock on a folder, which goes with its process, so that an interrupted run leaves none behind."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def held(folder: Path, log: Callable[[str], None], waiting: str, name: str = ".lock") -> Iterator[None]:
    """Holds the folder's lock, making the folder; says that it is ``waiting`` where another run holds it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
