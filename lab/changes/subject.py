"""A stack of a copied program with its own state, on the real engine."""

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

from components import folders
from components.inspection.client import Client
from lab.changes.change import CLUSTER, State
from lab.changes.snapshot import Place
from lab.testbed import checkout
from ops.cli.pulumi_binary import Engine

PROJECT = Path(__file__).parent.parent.parent
STACK = "changes"
_TAIL = 1500


class Subject:
    """The stack of a track. ``plain``: the kubeconfig for the hand-written program; None for this project's."""

    def __init__(self, folder: Path, engine: Engine, state: State, *, plain: Path | None = None) -> None:
        self.folder, self.state, self._plain = folder, state, plain
        self._engine = engine
        self._pristine: dict[str, str] = {}
        self.promise: Mapping[str, Any] = {}
        """The promise in the stack's outputs after the last deployment; empty for the hand-written program."""
        if plain:
            shutil.copytree(Path(__file__).parent / "baseline", folder)
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
        """Return the backend's location by its current settings."""
        if self._plain:
            return Place("baseline", "baseline")
        backend = self.state.backend
        name = backend.get("name", "backend-service")
        return Place(backend.get("namespace", name), name)

    @property
    def kubeconfig(self) -> str:
        """Return the current kubeconfig of its cluster."""
        if self._plain:
            return self._plain.read_text()
        cluster = self.state.config[CLUSTER]
        own = folders.cluster(self.folder, STACK) / "kubeconfig"
        return Path(cluster["kubeconfig"]).read_text() if cluster["kind"] == "existing" else own.read_text()

    @property
    def client(self) -> Client:
        """Return a new client for its cluster."""
        return Client(self.kubeconfig)

    def write(self, state: State) -> None:
        """Write program and settings, without deploying."""
        for file, text in self._pristine.items():
            (self.folder / file).write_text(text)
        for edit in state.edits:
            path = self.folder / edit.file
            text = path.read_text()
            self._pristine.setdefault(edit.file, text)
            path.write_text(edit.applied(text))
        if not self._plain:
            (self.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": dict(state.config)}))
        self.state = state

    def create(self) -> str:
        """Create the stack and deploy it. Return why that failed; "" if it succeeded."""
        self.write(self.state)
        process = self.pulumi("stack", "init", STACK)
        return output_tail(process) if process.returncode else self.up()

    def preview(self, file: Path) -> str:
        """Save a preview as JSON, including unchanged resources. Return why that failed; "" if it succeeded."""
        process = self.pulumi("preview", "--json", "--show-sames", "--stack", STACK)
        file.write_text(process.stdout)
        return output_tail(process) if process.returncode else ""

    def up(self, *more: str) -> str:
        """Deploy. Return why that failed; "" if it succeeded."""
        process = self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", STACK, *more)
        if not self._plain:
            outputs = self.pulumi("stack", "output", "--json", "--stack", STACK).stdout
            self.promise = json.loads(outputs or "{}").get("promise", {})
        return output_tail(process) if process.returncode else ""

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine in the copy."""
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
    """Return the review of a saved preview. Raises RuntimeError if it fails."""
    process = subprocess.run(
        [sys.executable, "-m", "ops.review", str(file), "--format", "json", "--fail-on", "never"],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(process.stderr.strip()[-_TAIL:])
    reviews: list[dict[str, Any]] = json.loads(process.stdout)
    return reviews[0]


def output_tail(process: subprocess.CompletedProcess[str]) -> str:
    """Return the end of a failed command's output."""
    return (process.stdout[-_TAIL:] + process.stderr[-_TAIL:]).strip() or f"exit code {process.returncode}"
