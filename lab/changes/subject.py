"""One stack of a copied program, with a state of its own, on the real engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from components.inspection.client import Client
from components.runtime import folders
from lab.changes.change import CLUSTER, State
from lab.changes.snapshot import Place
from lab.testbed import checkout
from ops.cli.pulumi_binary import Engine

PROJECT = Path(__file__).parent.parent.parent
STACK = "changes"
_SAID = 1500


class Subject:
    """What a track of changes is made to: ``plain`` is the program written by hand, else this project's own."""

    def __init__(self, folder: Path, engine: Engine, state: State, *, plain: Path | None = None) -> None:
        self.folder, self.state, self._plain = folder, state, plain
        self._engine = engine
        self._pristine: dict[str, str] = {}
        self.promise: Mapping[str, Any] = {}
        """What the stack's outputs promised after the last deployment; nothing in a program written by hand."""
        if plain:
            shutil.copytree(PROJECT / "tests" / "changes" / "rival", folder)
            file = folder / "Pulumi.yaml"
            file.write_text(file.read_text().replace("../../../venv", str(PROJECT / "venv")))
        else:
            checkout.copy(PROJECT, folder)
        (folder / "state").mkdir()
        self._environment = {
            **os.environ,
            "PATH": f"{Path(engine.path).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "changes",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **({"BENCH_KUBECONFIG": str(plain)} if plain else {}),
        }

    @property
    def place(self) -> Place:
        """Where the backend is by its present settings."""
        if self._plain:
            return Place("rival", "rival")
        backend = self.state.backend
        name = backend.get("name", "backend-service")
        return Place(backend.get("namespace", name), name)

    @property
    def kubeconfig(self) -> str:
        """The way to its cluster, as it is now."""
        if self._plain:
            return self._plain.read_text()
        cluster = self.state.config[CLUSTER]
        own = folders.cluster(self.folder, STACK) / "kubeconfig"
        return Path(cluster["kubeconfig"]).read_text() if cluster["kind"] == "existing" else own.read_text()

    @property
    def client(self) -> Client:
        """A new client for it."""
        return Client(self.kubeconfig)

    def write(self, state: State) -> None:
        """Makes program and settings what they are to be; nothing is deployed yet."""
        for file, text in self._pristine.items():
            (self.folder / file).write_text(text)
        for edit in state.edits:
            path = self.folder / edit.file
            text = path.read_text()
            self._pristine.setdefault(edit.file, text)
            if text.count(edit.before) != 1:
                raise ValueError(f"{edit.file} no longer holds, once, what is to be edited: {edit.before!r}")
            path.write_text(text.replace(edit.before, edit.after))
        if not self._plain:
            (self.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": dict(state.config)}))
        self.state = state

    def create(self) -> str:
        """The stack as it is at first; why it could not be made, or nothing."""
        self.write(self.state)
        made = self.pulumi("stack", "init", STACK)
        return said(made) if made.returncode else self.up()

    def preview(self, file: Path) -> str:
        """Saves a preview as JSON, with what does not change; why it could not be made, or nothing."""
        done = self.pulumi("preview", "--json", "--show-sames", "--stack", STACK)
        file.write_text(done.stdout)
        return said(done) if done.returncode else ""

    def up(self, *more: str) -> str:
        """Deploys; why it failed, or nothing."""
        done = self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", STACK, *more)
        if not self._plain:
            outputs = self.pulumi("stack", "output", "--json", "--stack", STACK).stdout
            self.promise = json.loads(outputs or "{}").get("promise", {})
        return said(done) if done.returncode else ""

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The engine, in the copy."""
        return subprocess.run(
            [self._engine.path, "--non-interactive", *words],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            check=False,
        )


def review(file: Path) -> dict[str, Any]:
    """What the command says of a saved preview. Raises RuntimeError where it cannot be read."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.review", str(file), "--format", "json", "--fail-on", "never"],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-_SAID:])
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found[0]


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The last words of a command that failed."""
    return (done.stdout[-_SAID:] + done.stderr[-_SAID:]).strip() or f"ended with {done.returncode}"
