"""Call the engine for one stack, and recover what an interrupted run left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from components import folders
from components.preflight import Outputs, UnreadableError
from components.runtime import stack_file
from components.runtime.configuration import RESUMING
from components.runtime.entrypoint import FORCING
from components.settings.stack import PROJECT
from ops.cli import lock
from ops.cli.errors import HISTORY_UNREADABLE, STACK_NOT_CREATED
from ops.cli.pulumi_binary import Engine
from ops.cli.state import State
from ops.errors import UserError

_PAGE = 20


class StackError(UserError):
    """The engine cannot create the stack, or cannot read its history."""


class Runner:
    """One stack, and the engine that works on it."""

    def __init__(self, engine: Engine, state: State, log: Callable[[str], None]) -> None:
        self._engine, self._state, self._log = engine, state, log
        self._environment = {**os.environ, **state.environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        # The engine looks for its own tools (the language host, installed next to it) on PATH.
        self._environment["PATH"] = f"{Path(engine.path).parent}{os.pathsep}{os.environ.get('PATH', '')}"

    def select(self) -> None:
        """Create the stack if needed, release the lock of a dead run, and update the copy of the stack file.

        Raises StackError or LockError.
        """
        self._state.refresh_copy()
        if self.exists():
            if self._state.local:
                lock.wait_until_free(
                    self._state.folder,
                    self._state.stack,
                    lambda: self._call("cancel", "--yes", "--stack", self._state.stack, quiet=True),
                    self._log,
                )
            return
        file = stack_file.path(self._state.project, self._state.stack)
        before = file.read_bytes()
        result = self._call("stack", "init", self._state.stack, quiet=True)
        self._state.keep_salt(before)
        if result.returncode != 0:
            raise StackError(
                f"pulumi stack init {self._state.stack} failed: {result.stderr.strip()}", STACK_NOT_CREATED
            )

    @property
    def version(self) -> str:
        """The version of the engine."""
        return self._engine.version

    def export(self) -> dict[str, Any]:
        """Return the state as the engine exports it, with encrypted secrets. Empty if there is none."""
        result = self._call("stack", "export", "--stack", self._state.stack, quiet=True)
        return json.loads(result.stdout).get("deployment") or {} if result.returncode == 0 else {}

    def capture(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command on the stack, and return its output. ``environment`` applies to this command only."""
        before = self._environment
        self._environment = {**before, **environment}
        try:
            return self._call(*words, *self._state.arguments, quiet=True)
        finally:
            self._environment = before

    def exists(self) -> bool:
        """Return whether the stack exists."""
        if self._state.local:  # its file is enough to know, and a call takes a second
            return (self._state.folder / ".pulumi" / "stacks" / PROJECT / f"{self._state.stack}.json").exists()
        return self._call("stack", "export", "--stack", self._state.stack, quiet=True).returncode == 0

    def resume(self) -> None:
        """Recover from an interrupted run: refresh what it was working on before anything else happens."""
        if not (pending := self._pending()):
            return
        self._log(f"an earlier run was interrupted: looking up what it did ({', '.join(name for name, _ in pending)})")
        self._call("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *self._state.arguments, quiet=True)
        # Objects that it was creating may exist without the engine's knowledge. The next run adopts them instead of
        # failing; then the rule is strict again, so that no foreign object is ever adopted.
        if any(kind == "creating" for _, kind in pending):
            self._environment[RESUMING] = "1"

    def overwrite_changes(self) -> list[str]:
        """Return the arguments that make later commands refresh first, and revert manual changes on the cluster.

        Without force even a preview fails over a field that somebody set manually.
        """
        self._environment[FORCING] = "true"
        return ["--refresh"]

    def up(self, arguments: list[str]) -> int:
        """Deploy without confirmation, after recovering from an interrupted run."""
        self.resume()
        return self.update(arguments)

    def update(
        self, arguments: list[str], config: Path | None = None, write: Callable[[str], None] | None = None
    ) -> int:
        """Run the update. ``config`` replaces the stack file; ``write`` receives each line of the engine."""
        words = ["up", "--yes", "--suppress-outputs", *self._state.arguments_with(config)]
        code = self._follow(write, *words, *arguments) if write else self._call(*words, *arguments).returncode
        if code == 0 and self._environment.pop(RESUMING, ""):
            code = self._call(*words, "--skip-preview").returncode
        return code

    def preview(self, arguments: list[str]) -> int:
        """Show what would change."""
        return self._call("preview", *self._state.arguments, *arguments).returncode

    def plan(self, file: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Return the preview as JSON with masked secrets, and write a plan that constrains an update."""
        return self._call("preview", "--json", "--save-plan", str(file), *self._state.arguments, *arguments, quiet=True)

    def preview_refresh(self) -> subprocess.CompletedProcess[str]:
        """Return what a refresh would find, as JSON with masked secrets. Changes nothing."""
        return self._call("refresh", "--preview-only", "--json", *self._state.arguments, quiet=True)

    def history(self) -> Iterator[dict[str, Any]]:
        """Yield every update of the stack, the latest first: result, configuration and commit. Raises StackError."""
        page = 0
        while page := page + 1:
            words = ("history", "--json", "--page-size", str(_PAGE), "--page", str(page), "--stack", self._state.stack)
            result = self._call("stack", *words, quiet=True)
            if result.returncode != 0:
                raise StackError(
                    f"pulumi stack history {self._state.stack} failed: {result.stderr.strip()}", HISTORY_UNREADABLE
                )
            updates = json.loads(result.stdout or "[]") or []
            yield from updates
            if len(updates) < _PAGE:
                return

    def destroy(self) -> int:
        """Delete everything, and with a local state the stack itself."""
        code = self._call("destroy", "--yes", *self._state.arguments).returncode
        if code == 0 and self._state.local:
            self._call("stack", "rm", "--yes", "--preserve-config", self._state.stack, quiet=True)
            # The state may contain stacks of other programs, such as the one that owns the cluster.
            if json.loads(self._call("stack", "ls", "--all", "--json", quiet=True).stdout or "[]") == []:
                self._state.remove()
        return code

    def preview_json(self, arguments: list[str]) -> tuple[int, str]:
        """Return the exit code and the engine's JSON, with masked secrets. Prints its log, and writes no file."""
        with self._environment_of_command() as environment:
            result = subprocess.run(
                self._command(("preview", "--json", *self._state.arguments, *arguments)),
                cwd=self._state.project,
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                check=False,
            )
        return result.returncode, result.stdout

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, with masked secrets."""
        result = self._call("stack", "output", "--json", "--stack", self._state.stack, quiet=True)
        outputs: dict[str, Any] = json.loads(result.stdout) if result.returncode == 0 else {}
        return outputs

    def outputs_of(self, stack: str) -> Outputs:
        """Return the outputs of a stack by its full name, secrets included. Raises UnreadableError."""
        result = self._call("stack", "output", "--json", "--show-secrets", "--stack", stack, quiet=True)
        if result.returncode != 0:
            raise UnreadableError(" ".join(result.stderr.split()).removeprefix("error: "))
        return Outputs(json.loads(result.stdout))

    def _pending(self) -> list[tuple[str, str]]:
        """Return what a killed run had begun: the program's name of each resource, and the operation."""
        return [
            (entry["resource"]["urn"].rsplit("::", 1)[-1], entry["type"])
            for entry in self.export().get("pending_operations") or []
        ]

    def _call(self, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        if quiet:
            with self._environment_of_command() as environment:
                return subprocess.run(
                    self._command(words),
                    cwd=self._state.project,
                    env=environment,
                    text=True,
                    capture_output=True,
                    check=False,
                )
        return subprocess.CompletedProcess(words, self._follow(None, *words))

    def _follow(self, write: Callable[[str], None] | None, *words: str) -> int:
        """Wait until the engine ends, even after Ctrl-C: it gets the signal too, and stops where it can continue."""
        with (
            self._environment_of_command() as environment,
            subprocess.Popen(
                self._command(words),
                cwd=self._state.project,
                env=environment,
                text=True,
                stdout=subprocess.PIPE if write else None,
            ) as process,
        ):

            def wait() -> int:
                for line in process.stdout or ():
                    if write:
                        write(line.rstrip("\n"))
                return process.wait()

            try:
                return wait()
            except KeyboardInterrupt:
                with suppress(KeyboardInterrupt):
                    wait()
                raise

    @contextmanager
    def _environment_of_command(self) -> Iterator[dict[str, str]]:
        """Provide the environment of one command, and clean up after it.

        For Helm, the Kubernetes provider writes each kubeconfig to a temporary file and leaves it there: full access to
        the cluster, in plain text.
        """
        folder = folders.temporary(self._state.project, self._state.stack)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            yield {**self._environment, "TMPDIR": str(folder)}
        finally:
            for file in folder.glob("kubeconfig*"):
                file.unlink(missing_ok=True)
            if not folders.clusters(self._state.project, self._state.stack):  # their programs use the folder too
                shutil.rmtree(folder, ignore_errors=True)
                folders.tidy(self._state.project)

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [self._engine.path, "--non-interactive", *words]
