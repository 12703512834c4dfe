"""Finds processes without pid files: those of an embedded cluster by their arguments, and those of a session."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors.devcluster import PROCESSES_LEFT
from .catalog import CLUSTER_PROGRAMS
from .errors import DevClusterError

# Without kubectl, which may be a user's own command with the cluster's kubeconfig.
_NAMES = frozenset(CLUSTER_PROGRAMS) - {"kubectl"} | {"kwok-controller"}


def of_cluster(folder: Path) -> list[int]:
    """Return the process IDs of the cluster in ``folder``, by program name and by the directory in the arguments."""
    return [
        pid
        for pid, command in _commands()
        if Path(command[0]).name in _NAMES and any(f"{folder}/" in word for word in command[1:])
    ]


def of_session(leader: int) -> list[int]:
    """Return the process IDs of the session that ``leader`` started, also after the leader has ended."""
    pids = []
    for pid, _ in _commands():
        with suppress(OSError):  # the process ended meanwhile, or belongs to another user
            if os.getsid(pid) == leader:
                pids.append(pid)
    return pids


def kill(folder: Path, seconds: float = 60) -> None:
    """Kill the processes of the cluster in ``folder`` and wait until they have ended.

    Raises DevClusterError if some remain after ``seconds``: a disk that does not respond holds a killed process.
    """
    deadline = time.monotonic() + seconds
    while running := of_cluster(folder):
        if time.monotonic() > deadline:
            raise DevClusterError(
                f"{len(running)} processes of the cluster in {folder} did not end within {seconds:.0f} s of SIGKILL: "
                f"{', '.join(map(str, running))}. Run this again once they have ended.",
                PROCESSES_LEFT,
            )
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def exited(home: Path) -> list[str]:
    """Return the programs that kwokctl started and that have exited, each with the last line that it logged."""
    running = {pid for pid, _ in _commands()}
    messages = []
    for file in (home / "pids").glob("*.pid"):
        if (text := file.read_text().strip()).isdigit() and int(text) not in running:
            log = home / "logs" / f"{file.stem}.log"
            lines = (
                [line for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
            )
            message = next(
                (line for line in reversed(lines) if line.startswith(("panic", "Error", "F1"))), (lines or [""])[-1]
            )
            messages.append(f"{file.stem} exited: {message[:300]}")
    return messages


def remove_stale_pid_files(folder: Path, home: Path) -> None:
    """Delete the pid files of programs that do not run.

    kwokctl would take a new process with such an ID for the program.
    """
    running = {str(pid) for pid in of_cluster(folder)}
    for file in (home / "pids").glob("*.pid"):
        if file.read_text().strip() not in running:
            file.unlink()


def _commands() -> Iterator[tuple[int, list[str]]]:
    if not Path("/proc/self/cmdline").exists():  # macOS
        listing = subprocess.run(["ps", "-axo", "pid=,args="], capture_output=True, text=True, check=False).stdout
        for line in listing.splitlines():
            pid, *command = line.split()
            if command:
                yield int(pid), command
        return
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process ended meanwhile
            command = (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
            if command[0]:
                yield int(entry.name), command
