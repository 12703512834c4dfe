"""One at a time: a second run waits and says so, and a run that was killed leaves no lock behind."""

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
WAITING = "another run is at it: waiting"
# Holds a lock until it is killed, and has a child that runs on, as the programs of a cluster do.
HOLDER = """
import subprocess, sys, time
from pathlib import Path
from components.devcluster.locks import held
with held(Path(sys.argv[1]), print, "waiting"):
    print(subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(60)
"""


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


class Second(threading.Thread):
    """Another holder of a lock: what it said, and whether it has it."""

    def __init__(self, folder: Path, name: str = ".lock") -> None:
        super().__init__(daemon=True)
        self.folder, self.file = folder, name
        self.lines: list[str] = []
        self.has_it = threading.Event()
        self.start()

    def run(self) -> None:
        with held(self.folder, self.lines.append, WAITING, self.file):
            self.has_it.set()


def test_a_second_holder_waits_and_says_so(tmp_path: Path) -> None:
    folder, lines = tmp_path / "not" / "yet", list[str]()
    with held(folder, lines.append, WAITING):
        second = Second(folder)
        assert until(lambda: bool(second.lines))
        assert not second.has_it.wait(0.3)
    assert second.has_it.wait(20)
    assert (lines, second.lines) == ([], [WAITING])


def test_a_lock_that_is_free_again_is_not_waited_for(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(ZeroDivisionError), held(tmp_path, lines.append, WAITING):
        _ = 1 / 0
    with held(tmp_path, lines.append, WAITING):
        pass
    assert lines == []


def test_locks_of_other_names_and_folders_have_nothing_to_do_with_it(tmp_path: Path) -> None:
    with held(tmp_path, print, WAITING):
        others = [Second(tmp_path, ".ports.lock"), Second(tmp_path / "other")]
        assert all(other.has_it.wait(20) for other in others)
    assert [other.lines for other in others] == [[], []]


def test_a_lock_goes_with_a_process_that_is_killed_even_where_its_children_run_on(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    child = int(first.stdout.readline())
    try:
        second = Second(tmp_path)
        assert until(lambda: bool(second.lines))
        assert not second.has_it.is_set()
        first.kill()
        assert second.has_it.wait(20)
        os.kill(child, 0)  # raises where the child is gone: then nothing would be shown
        assert second.lines == [WAITING]
    finally:
        first.kill()
        first.wait()
        first.stdout.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
