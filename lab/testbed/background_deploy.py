"""A deployment that runs beside a drill: it can be waited for, or killed with everything that it has started."""

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


class DeployFailed(Exception):  # noqa: N818 (what it says is the news)
    """A deployment ended badly; the text is the last that it said."""


class Launched:
    """A command in a session of its own, its output in a file; it is not called by what is put ``before`` it."""

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
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """What it has said until now."""
        return self._output.read_text(errors="replace")

    def wait(self, seconds: float | None = None) -> None:
        """Returns when it has ended well; left out, waits for as long as it takes.

        Raises DeployFailed with its last lines when it ended otherwise, subprocess.TimeoutExpired when it goes on.
        """
        if code := self._process.wait(seconds):
            said = "\n".join(self.output.splitlines()[-_LAST_LINES:]) or "it said nothing"
            how = "was killed" if self.killed else f"ended with {code}"
            raise DeployFailed(f"{' '.join(self._command[1:])} {how}:\n{said}")

    def kill(self) -> None:
        """SIGKILL to the command and all that it has started, as when a machine is lost; returns when nothing of it runs.

        Does nothing when it has ended already. The engine gives its plugins process groups of their own, so it is the
        session that is killed.
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
