"""Calls the engine for one stack, and picks up what an interrupted run left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from components.preflight import Outputs, Unreadable
from components.runtime import folders, stack_file
from components.runtime.configuration import FORCING, RESUMING
from components.settings.stack import PROJECT
from ops.cli import lock
from ops.cli.pulumi_binary import Engine
from ops.cli.state import State

_PAGE = 20


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
            if self._state.local:
                lock.free(
                    self._state.folder,
                    self._state.stack,
                    lambda: self._call("cancel", "--yes", "--stack", self._state.stack, quiet=True),
                    self._log,
                )
            return
        file = stack_file.path(self._state.project, self._state.stack)
        before = file.read_bytes()
        made = self._call("stack", "init", self._state.stack, quiet=True)
        self._state.keep_salt(before)
        if made.returncode != 0:
            raise SystemExit(f"pulumi stack init {self._state.stack} failed: {made.stderr.strip()}")

    @property
    def version(self) -> str:
        """The engine's."""
        return self._engine.version

    def stored(self) -> dict[str, Any]:
        """The state, as the engine exports it: secrets encrypted. Empty where there is none."""
        done = self._call("stack", "export", "--stack", self._state.stack, quiet=True)
        return json.loads(done.stdout).get("deployment") or {} if done.returncode == 0 else {}

    def quietly(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """One command on the stack, its output kept; what is added to the environment holds for it alone."""
        before = self._environment
        self._environment = {**before, **environment}
        try:
            return self._call(*words, *self._state.arguments, quiet=True)
        finally:
            self._environment = before

    def exists(self) -> bool:
        """Whether the engine knows the stack."""
        if self._state.local:  # where it lies is enough to know, and to ask takes a second
            return (self._state.folder / ".pulumi" / "stacks" / PROJECT / f"{self._state.stack}.json").exists()
        return self._call("stack", "export", "--stack", self._state.stack, quiet=True).returncode == 0

    def resume(self) -> None:
        """Goes on from where an interrupted run stopped: what it was doing is looked up before anything else is done."""
        if not (begun := self._pending()):
            return
        self._log(
            f"an earlier run was interrupted: looking up what it was doing ({', '.join(name for name, _ in begun)})"
        )
        self._call("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *self._state.arguments, quiet=True)
        # Objects that it was making may exist without the engine knowing. For the one run that follows it adopts instead of
        # failing; then it is strict again, so that nobody else's object is ever taken over.
        if any(kind == "creating" for _, kind in begun):
            self._environment[RESUMING] = "1"

    def mending(self) -> list[str]:
        """From now on, the words that make the engine look at the cluster first, and take back what others have changed there.

        Without force a preview already fails over a field that somebody has set by hand.
        """
        self._environment[FORCING] = "true"
        return ["--refresh"]

    def up(self, more: list[str]) -> int:
        """Deploys without asking; goes on from where an interrupted run stopped."""
        self.resume()
        return self.carry_out(more)

    def carry_out(self, more: list[str], config: Path | None = None, tell: Callable[[str], None] | None = None) -> int:
        """The update itself. ``config`` takes the place of the stack file; ``tell`` is given each line of the engine's."""
        words = ["up", "--yes", "--suppress-outputs", *self._state.reading(config)]
        code = self._follow(tell, *words, *more) if tell else self._call(*words, *more).returncode
        if code == 0 and self._environment.pop(RESUMING, ""):
            code = self._call(*words, "--skip-preview").returncode
        return code

    def preview(self, more: list[str]) -> int:
        """Shows what would change."""
        return self._call("preview", *self._state.arguments, *more).returncode

    def plan(self, file: Path, more: list[str]) -> subprocess.CompletedProcess[str]:
        """The preview as JSON, secrets masked, and the same in a file that an update can be held to."""
        return self._call("preview", "--json", "--save-plan", str(file), *self._state.arguments, *more, quiet=True)

    def refreshed(self) -> subprocess.CompletedProcess[str]:
        """What a refresh would find, as JSON, secrets masked; nothing is changed."""
        return self._call("refresh", "--preview-only", "--json", *self._state.arguments, quiet=True)

    def history(self) -> Iterator[dict[str, Any]]:
        """Every update of the stack, the latest first: its result, its configuration, its commit."""
        page = 0
        while page := page + 1:
            words = ("history", "--json", "--page-size", str(_PAGE), "--page", str(page), "--stack", self._state.stack)
            done = self._call("stack", *words, quiet=True)
            if done.returncode != 0:
                raise SystemExit(f"pulumi stack history {self._state.stack} failed: {done.stderr.strip()}")
            found = json.loads(done.stdout or "[]") or []
            yield from found
            if len(found) < _PAGE:
                return

    def destroy(self) -> int:
        """Deletes everything, and with a local state the stack itself."""
        code = self._call("destroy", "--yes", *self._state.arguments).returncode
        if code == 0 and self._state.local:
            self._call("stack", "rm", "--yes", "--preserve-config", self._state.stack, quiet=True)
            # Stacks of other programs may be kept there as well, such as the one that owns the cluster.
            if json.loads(self._call("stack", "ls", "--all", "--json", quiet=True).stdout or "[]") == []:
                self._state.remove()
        return code

    def preview_json(self, more: list[str]) -> tuple[int, str]:
        """What would change, for programs: the exit code, and the engine's JSON with secrets masked. It enters no file."""
        command = [self._engine.path, "--non-interactive", "preview", "--json", *self._state.arguments, *more]
        with self._surroundings() as environment:
            done = subprocess.run(
                command, cwd=self._state.project, env=environment, text=True, stdout=subprocess.PIPE, check=False
            )
        return done.returncode, done.stdout

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets masked."""
        done = self._call("stack", "output", "--json", "--stack", self._state.stack, quiet=True)
        result: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        return result

    def outputs_of(self, stack: str) -> Outputs:
        """Another stack's outputs by its full name, secrets in plain: they are kept nowhere. Raises Unreadable."""
        done = self._call("stack", "output", "--json", "--show-secrets", "--stack", stack, quiet=True)
        if done.returncode != 0:
            raise Unreadable(" ".join(done.stderr.split()).removeprefix("error: "))
        return Outputs(json.loads(done.stdout))

    def _pending(self) -> list[tuple[str, str]]:
        """What a run that was killed had begun, as the program names it, and what was being done to it."""
        done = self._call("stack", "export", "--stack", self._state.stack, quiet=True)
        deployment = json.loads(done.stdout).get("deployment") or {} if done.returncode == 0 else {}
        return [
            (entry["resource"]["urn"].rsplit("::", 1)[-1], entry["type"])
            for entry in deployment.get("pending_operations") or []
        ]

    def _call(self, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        if quiet:
            with self._surroundings() as environment:
                return subprocess.run(
                    self._command(words),
                    cwd=self._state.project,
                    env=environment,
                    text=True,
                    capture_output=True,
                    check=False,
                )
        return subprocess.CompletedProcess(words, self._follow(None, *words))

    def _follow(self, tell: Callable[[str], None] | None, *words: str) -> int:
        """Until the engine has ended, also after Ctrl-C: it is told as well, and stops where it can go on later."""
        with (
            self._surroundings() as environment,
            subprocess.Popen(
                self._command(words),
                cwd=self._state.project,
                env=environment,
                text=True,
                stdout=subprocess.PIPE if tell else None,
            ) as running,
        ):

            def ended() -> int:
                for line in running.stdout or ():
                    if tell:
                        tell(line.rstrip("\n"))
                return running.wait()

            try:
                return ended()
            except KeyboardInterrupt:
                with suppress(KeyboardInterrupt):
                    ended()
                raise

    @contextmanager
    def _surroundings(self) -> Iterator[dict[str, str]]:
        """The environment of one command.

        The Kubernetes provider writes each kubeconfig into a temporary file, for what it does with Helm, and leaves it there:
        full access to the cluster, in plain text.
        """
        folder = folders.temporary(self._state.project, self._state.stack)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            yield {**self._environment, "TMPDIR": str(folder)}
        finally:
            for left in folder.glob("kubeconfig*"):
                left.unlink(missing_ok=True)
            if not folders.clusters(self._state.project, self._state.stack):  # whose programs use it too
                shutil.rmtree(folder, ignore_errors=True)
                folders.tidy(self._state.project)

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [self._engine.path, "--non-interactive", *words]
