"""A deployment that runs in the background: it can be waited for, or killed with every process that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from components.devcluster import processes

_LAST_LINES = 30


class DeployError(Exception):
    """A deployment failed; the message is the end of its output."""


class BackgroundDeploy:
    """A command in a session of its own that writes to a file. ``before`` is a prefix that error messages omit."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        output: Path,
        before: Sequence[str] = (),
    ) -> None:
        self.killed = False
        self._command, self._output = command, output
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                [*before, *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Report whether it is still running."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """Return its output so far."""
        return self._output.read_text(errors="replace")

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it succeeds, for at most ``seconds``; without a limit by default.

        Raises DeployError with its last lines if it fails, subprocess.TimeoutExpired if it is still running.
        """
        if code := self._process.wait(seconds):
            output = "\n".join(self.output.splitlines()[-_LAST_LINES:]) or "it printed nothing"
            end = "was killed" if self.killed else f"failed with exit code {code}"
            raise DeployError(f"{' '.join(self._command[1:])} {end}:\n{output}")

    def kill(self) -> None:
        """Kill the command and every process it started with SIGKILL, as when a machine is lost, and wait for them.

        Do nothing if it has exited. The engine gives its plugins process groups of their own, so kill the whole
        session.
        """
        if not self.running:
            return
        self.killed = True
        leader = self._process.pid
        os.kill(leader, signal.SIGKILL)
        self._process.wait()
        while left := processes.of_session(leader):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
