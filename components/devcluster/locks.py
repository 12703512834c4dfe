"""A lock on a directory. The kernel releases it with its process, so an interrupted run leaves no lock behind."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def held(folder: Path, log: Callable[[str], None], waiting: str, name: str = ".lock") -> Iterator[None]:
    """Hold the lock of a directory, which is created if missing. Logs ``waiting`` if another process holds it.

    Raises OSError if the directory cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
