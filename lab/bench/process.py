"""Runs one command to its end, within a bound, and tells what it took: seconds, CPU seconds, memory of all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from components.devcluster import processes

_SAMPLE_SECONDS = 0.2
_SAID = 1500  # characters of a failed command's words, from the end
_ERRORS = (
    5  # lines that name an error before those: a program that is interrupted has the last word, not what went wrong
)
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


class StepError(Exception):
    """A command failed or took too long; the text has a failed one's errors and last words."""


@dataclass(frozen=True)
class Run:
    """What one command took.

    ``seconds`` by the clock, ``cpu_seconds`` of it and of all that it waited for, ``peak_mib`` resident at the most in all its
    processes together (a page that two share counts twice), ``parts_mib`` the most of each program among them, by name.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    parts_mib: Mapping[str, float] = field(default_factory=dict)


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], bound: float) -> Run:
    """Runs a command in a session of its own. Raises StepError where it fails, or is not done after ``bound`` seconds."""
    before = os.times()
    began = time.monotonic()
    with subprocess.Popen(
        words,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as started:
        memory = _Memory(started.pid)
        try:
            said, _ = started.communicate(timeout=bound)
        except subprocess.TimeoutExpired:
            _end(started)
            raise StepError(f"{_named(words)} in {folder.name}: not done after {bound:.0f} s (BOUND)") from None
        except BaseException:  # Ctrl-C: what it started must not outlive it
            _end(started)
            raise
        finally:
            memory.stop()
    took = time.monotonic() - began
    after = os.times()
    if started.returncode != 0:
        raise StepError(f"{_named(words)} in {folder.name} failed:\n{_why(said)}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(took, cpu, memory.peak, memory.parts)


def _named(words: Sequence[str]) -> str:
    return " ".join([Path(words[0]).name, *[word for word in words[1:] if not word.startswith("-")][:2]])


def _why(said: str) -> str:
    before, last = said[:-_SAID], said[-_SAID:].strip()
    errors = [line.strip() for line in before.splitlines() if "error:" in line]
    return "\n".join([*errors[:_ERRORS], last])


def _end(started: subprocess.Popen[str]) -> None:
    """First as Ctrl-C would, so that the state is left whole; then for good."""
    started.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        started.wait(20)
    for pid in processes.of_session(started.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    started.wait()


class _Memory:
    """Looks at the resident memory of a session every fifth of a second."""

    def __init__(self, leader: int) -> None:
        self.peak = 0.0
        self.parts: dict[str, float] = {}
        self._leader, self._stop = leader, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            found: dict[str, float] = {}
            for pid in processes.of_session(self._leader):
                with suppress(OSError, IndexError):  # it ended meanwhile
                    name = Path(f"/proc/{pid}/comm").read_text().strip()
                    found[name] = (
                        found.get(name, 0.0) + int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MIB
                    )
            self.peak = max(self.peak, sum(found.values()))
            self.parts = {name: max(found.get(name, 0.0), self.parts.get(name, 0.0)) for name in {*found, *self.parts}}
            if self._stop.wait(_SAMPLE_SECONDS):
                return
