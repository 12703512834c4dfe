"""Finds processes by what they are: those of one embedded cluster, also where no pid file remembers them; of one session."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .catalog import CLUSTER_PROGRAMS
from .errors import LocalError

# kubectl is left out: it may be a user's own command that merely names the cluster's kubeconfig.
_NAMES = frozenset(CLUSTER_PROGRAMS) - {"kubectl"} | {"kwok-controller"}


def of_cluster(folder: Path) -> list[int]:
    """Ids of the running programs of the cluster in ``folder``: by program name and by the folder in their arguments."""
    return [
        pid
        for pid, command in _commands()
        if Path(command[0]).name in _NAMES and any(f"{folder}/" in word for word in command[1:])
    ]


def of_session(leader: int) -> list[int]:
    """Ids of what runs in the session that the process ``leader`` began, also after that one has ended."""
    found = []
    for pid, _ in _commands():
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def end(folder: Path, seconds: float = 60) -> None:
    """Kills what runs for the cluster in ``folder`` and waits until it is gone; its data is about to go too.

    Raises LocalError when some of it is still there after that time: a disk that does not answer holds a killed program.
    """
    deadline = time.monotonic() + seconds
    while running := of_cluster(folder):
        if time.monotonic() > deadline:
            raise LocalError(
                f"{len(running)} programs of the cluster in {folder} did not end within {seconds:.0f} s of being "
                f"killed: processes {', '.join(map(str, running))}. Try again once they are gone."
            )
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def ended(home: Path) -> list[str]:
    """The programs that kwokctl started and that are no longer there, each with the last line it logged."""
    running = {pid for pid, _ in _commands()}
    found = []
    for file in (home / "pids").glob("*.pid"):
        if (text := file.read_text().strip()).isdigit() and int(text) not in running:
            log = home / "logs" / f"{file.stem}.log"
            lines = (
                [line for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
            )
            telling = next(
                (line for line in reversed(lines) if line.startswith(("panic", "Error", "F1"))), (lines or [""])[-1]
            )
            found.append(f"{file.stem} ended: {telling[:300]}")
    return found


def forget_ended(folder: Path, home: Path) -> None:
    """Removes the pid files of programs that do not run: kwokctl takes whoever has that number now for the program."""
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
        with suppress(OSError):  # it ended meanwhile
            command = (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
            if command[0]:
                yield int(entry.name), command
