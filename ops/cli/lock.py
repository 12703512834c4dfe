"""Wait for, or release, the lock of a local state. The lock names a process: one that has ended never releases it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from components.settings.stack import PROJECT
from ops.cli.errors import STATE_LOCKED
from ops.errors import UserError

WAIT_SECONDS = 1800  # longer than any update of this project takes by its own timeouts


class LockError(UserError):
    """Another process holds the lock for too long."""


def wait_until_free(state: Path, stack: str, cancel: Callable[[], object], log: Callable[[str], None]) -> None:
    """Return once nobody works on the stack. ``cancel`` releases a lock in the engine's own way. Raises LockError."""
    deadline = time.monotonic() + WAIT_SECONDS
    locks = state / ".pulumi" / "locks"
    while held := [file for file in locks.rglob("*.json") if file.parts[-3:-1] == (PROJECT, stack)]:
        pid = _holder(held[0])
        if pid is None or not _alive(pid):
            log("an earlier run was killed: releasing its lock")
            cancel()
            for file in held:
                file.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise LockError(
                f"Process {pid} still works on the stack {stack!r} after {WAIT_SECONDS} s: wait for it or stop it.",
                STATE_LOCKED,
            )
        log(f"process {pid} works on this stack: waiting for it to finish")
        time.sleep(5)


def _holder(lock: Path) -> int | None:
    try:
        return int(json.loads(lock.read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
