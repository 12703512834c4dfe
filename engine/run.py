"""Calls the engine for one stack, and picks up what an interrupted run left."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.find import Engine
from engine.state import State
from program import stackfile
from program.configuration import RESUMING

LOCK_WAIT_SECONDS = 1800  # longer than any update of this project takes by its own timeouts


class Runner:
    """One stack of one engine."""

    def __init__(self, engine: Engine, state: State, log: Callable[[str], None]) -> None:
        self._engine, self._state, self._log = engine, state, log
        self._environment = {**os.environ, **state.environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        # The engine's own tools (language host, installed beside it) are found where it is.
        self._environment["PATH"] = f"{Path(engine.path).parent}{os.pathsep}{os.environ.get('PATH', '')}"

    def select(self) -> None:
        """Makes the stack where there is none yet, clears what a dead run locked, and updates the copy of the stack file."""
        self._state.refresh_copy()
        if self.exists():
            self._free_lock()
            return
        file = stackfile.path(self._state.project, self._state.stack)
        before = file.read_bytes()
        made = self._call("stack", "init", self._state.stack, quiet=True)
        self._state.keep_salt(before)
        if made.returncode != 0:
            raise SystemExit(f"pulumi stack init {self._state.stack} failed: {made.stderr.strip()}")

    def exists(self) -> bool:
        """Whether the engine knows the stack."""
        if self._state.local:  # where it lies is enough to know, and to ask takes a second
            return any(self._state.folder.glob(f".pulumi/stacks/*/{self._state.stack}.json"))
        return self._call("stack", "export", "--stack", self._state.stack, quiet=True).returncode == 0

    def up(self, more: list[str]) -> int:
        """Deploys without asking; goes on from where an interrupted run stopped."""
        words = ["up", "--yes", "--suppress-outputs", *self._state.arguments, *more]
        if not (begun := self._pending()):
            return self._call(*words).returncode
        self._log(f"an earlier run was interrupted: taking over what it was making ({', '.join(begun)})")
        self._call("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *self._state.arguments, quiet=True)
        # Those objects may exist without the engine knowing. For this one run it adopts instead of failing; then it is
        # strict again, so that nobody else's object is ever taken over.
        self._environment[RESUMING] = "1"
        code = self._call(*words).returncode
        del self._environment[RESUMING]
        return code or self._call(*words, "--skip-preview").returncode

    def preview(self, more: list[str]) -> int:
        """Shows what would change."""
        return self._call("preview", *self._state.arguments, *more).returncode

    def destroy(self) -> int:
        """Deletes everything, and with a local state the stack itself."""
        code = self._call("destroy", "--yes", *self._state.arguments).returncode
        if code == 0 and self._state.local:
            self._call("stack", "rm", "--yes", "--preserve-config", self._state.stack, quiet=True)
            if json.loads(self._call("stack", "ls", "--json", quiet=True).stdout or "[]") == []:
                self._state.remove()
        return code

    def preview_json(self, more: list[str]) -> tuple[int, str]:
        """What would change, for programs: the exit code, and the engine's JSON with secrets masked. It enters no file."""
        command = [self._engine.path, "--non-interactive", "preview", "--json", *self._state.arguments, *more]
        done = subprocess.run(command, cwd=self._state.project, env=self._environment, text=True, stdout=subprocess.PIPE,
                              check=False)
        return done.returncode, done.stdout

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets masked."""
        done = self._call("stack", "output", "--json", "--stack", self._state.stack, quiet=True)
        result: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        return result

    def _pending(self) -> list[str]:
        """What a run that was killed had begun to create, as the program names it."""
        done = self._call("stack", "export", "--stack", self._state.stack, quiet=True)
        deployment = json.loads(done.stdout).get("deployment") or {} if done.returncode == 0 else {}
        return [entry["resource"]["urn"].rsplit("::", 1)[-1]
                for entry in deployment.get("pending_operations") or [] if entry["type"] == "creating"]

    def _free_lock(self) -> None:
        """A local state is locked by process: one that is gone unlocks nothing any more, one that runs is waited for."""
        if not self._state.local:
            return
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        locks = self._state.folder / ".pulumi" / "locks"
        while held := [file for file in locks.rglob("*.json") if file.parent.name == self._state.stack]:
            pid = _holder(held[0])
            if pid is None or not _alive(pid):
                self._log("an earlier run was killed: releasing its lock")
                self._call("cancel", "--yes", "--stack", self._state.stack, quiet=True)
                for file in held:
                    file.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"Process {pid} still works on this stack after {LOCK_WAIT_SECONDS} s.")
            self._log(f"process {pid} works on this stack: waiting for it to finish")
            time.sleep(5)

    def _call(self, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        command = [self._engine.path, "--non-interactive", *words]
        return subprocess.run(command, cwd=self._state.project, env=self._environment, text=True, capture_output=quiet,
                              check=False)


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
