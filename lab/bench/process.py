"""Run a command within a time limit, and measure seconds, CPU seconds, and the memory of all its processes."""

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
_TAIL = 1500  # characters of a failed command's output, from the end
_ERRORS = 5  # earlier lines with an error: the last output of an interrupted program is not the cause
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


class StepError(Exception):
    """A command failed or timed out; the message contains its errors and the end of its output."""


@dataclass(frozen=True)
class Run:
    """The figures of one command.

    ``cpu_seconds`` include every process that it waited for. ``peak_mib`` is the maximum resident memory of all its
    processes together; a page that two of them share counts twice. ``parts_mib`` is the maximum of each program by
    name.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    parts_mib: Mapping[str, float] = field(default_factory=dict)


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], bound: float) -> Run:
    """Run a command in a session of its own. Raises StepError if it fails, or takes more than ``bound`` seconds."""
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
    ) as process:
        memory = _Memory(process.pid)
        try:
            output, _ = process.communicate(timeout=bound)
        except subprocess.TimeoutExpired:
            _end(process)
            raise StepError(f"{_name(words)} in {folder.name}: timed out after {bound:.0f} s (--bound)") from None
        except BaseException:  # Ctrl-C: its processes must not outlive it
            _end(process)
            raise
        finally:
            memory.stop()
    seconds = time.monotonic() - began
    after = os.times()
    if process.returncode != 0:
        raise StepError(f"{_name(words)} in {folder.name} failed:\n{_cause(output)}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, cpu, memory.peak, memory.parts)


def _name(words: Sequence[str]) -> str:
    return " ".join([Path(words[0]).name, *[word for word in words[1:] if not word.startswith("-")][:2]])


def _cause(output: str) -> str:
    before, last = output[:-_TAIL], output[-_TAIL:].strip()
    errors = [line.strip() for line in before.splitlines() if "error:" in line]
    return "\n".join([*errors[:_ERRORS], last])


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupt the process, so that its state stays consistent, then kill its session."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    for pid in processes.of_session(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


class _Memory:
    """Samples the resident memory of a session every fifth of a second."""

    def __init__(self, leader: int) -> None:
        self.peak = 0.0
        self.parts: dict[str, float] = {}
        self._leader, self._stop = leader, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop sampling."""
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            now: dict[str, float] = {}
            for pid in processes.of_session(self._leader):
                with suppress(OSError, IndexError):  # the process has exited
                    name = Path(f"/proc/{pid}/comm").read_text().strip()
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                    now[name] = now.get(name, 0.0) + pages * _PAGE_MIB
            self.peak = max(self.peak, sum(now.values()))
            self.parts = {name: max(now.get(name, 0.0), self.parts.get(name, 0.0)) for name in {*now, *self.parts}}
            if self._stop.wait(_SAMPLE_SECONDS):
                return
