"""Locks: a second run waits and logs it, and a killed run leaves no lock."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from components.devcluster.locks import held

PROJECT = Path(__file__).parent.parent.parent.parent.parent
WAITING = "waiting for another run"
# Holds a lock until it is killed, with a child that keeps running, as the programs of a cluster do.
HOLDER = """
import subprocess, sys, time
from pathlib import Path
from components.devcluster.locks import held
with held(Path(sys.argv[1]), print, "waiting"):
    print(subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(60)
"""


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Return whether a condition becomes true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


class Second(threading.Thread):
    """A second holder of a lock: what it logs, and whether it has acquired the lock."""

    def __init__(self, folder: Path, name: str = ".lock") -> None:
        super().__init__(daemon=True)
        self.folder, self.file = folder, name
        self.lines: list[str] = []
        self.acquired = threading.Event()
        self.start()

    def run(self) -> None:
        with held(self.folder, self.lines.append, WAITING, self.file):
            self.acquired.set()


def test_a_second_holder_waits_and_logs_it(tmp_path: Path) -> None:
    folder, lines = tmp_path / "not" / "yet", list[str]()
    with held(folder, lines.append, WAITING):
        second = Second(folder)
        assert until(lambda: bool(second.lines))
        assert not second.acquired.wait(0.3)
    assert second.acquired.wait(20)
    assert (lines, second.lines) == ([], [WAITING])


def test_a_released_lock_is_acquired_at_once(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(ZeroDivisionError), held(tmp_path, lines.append, WAITING):
        _ = 1 / 0
    with held(tmp_path, lines.append, WAITING):
        pass
    assert lines == []


def test_locks_with_other_names_and_directories_are_independent(tmp_path: Path) -> None:
    with held(tmp_path, print, WAITING):
        others = [Second(tmp_path, ".ports.lock"), Second(tmp_path / "other")]
        assert all(other.acquired.wait(20) for other in others)
    assert [other.lines for other in others] == [[], []]


def test_a_killed_process_releases_its_lock_although_its_children_keep_running(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    child = int(first.stdout.readline())
    try:
        second = Second(tmp_path)
        assert until(lambda: bool(second.lines))
        assert not second.acquired.is_set()
        first.kill()
        assert second.acquired.wait(20)
        os.kill(child, 0)  # raises if the child has ended, which would make the test pointless
        assert second.lines == [WAITING]
    finally:
        first.kill()
        first.wait()
        first.stdout.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
