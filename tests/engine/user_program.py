"""Programs of users on the real engine, next to a copy of this project that they use as a package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.devcluster import binaries
from lab.testbed import checkout
from ops.cli.pulumi_binary import Engine, find
from tests.engine.conftest import PROJECT


class Program:
    """A folder with a program, its own state, and the engine to run it with."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder, self._state = folder, state
        state.mkdir(exist_ok=True)

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the engine in the program's folder, without a terminal."""
        engine = find(PROJECT, print, install=False)
        assert isinstance(engine, Engine)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return subprocess.run(
            [engine.path, "--non-interactive", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={
                **inherited,
                "PULUMI_BACKEND_URL": f"file://{self._state}",
                "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "HA_BACKEND_CACHE": str(binaries.cache_root()),
                # The engine creates virtualenvs with the first Python on PATH.
                "PATH": f"{Path(sys.executable).parent}:{Path(engine.path).parent}:{os.environ['PATH']}",
            },
        )

    def output(self, *words: str) -> str:
        """Run the engine, which must succeed, and return its output."""
        result = self.pulumi(*words)
        assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]
        return result.stdout

    def up(self, *words: str) -> str:
        """Deploy, and return the output."""
        return self.output("up", "--yes", "--skip-preview", "--stack", "dev", *words)

    def assert_unchanged(self) -> None:
        """Assert that a preview shows no change."""
        self.output("preview", "--stack", "dev", "--expect-no-changes")

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        return dict(json.loads(self.output("stack", "output", "--stack", "dev", "--json")))

    def stored_state(self) -> str:
        """Return the state as it is stored on disk."""
        return "".join(file.read_text() for file in (self._state / ".pulumi" / "stacks").rglob("dev.json"))

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the state."""
        return list(json.loads(self.output("stack", "export", "--stack", "dev"))["deployment"].get("resources") or [])


def own_virtualenv(folder: Path) -> None:
    """Create a writable virtualenv with the packages of the one that all tests share."""
    (folder / "venv").unlink(missing_ok=True)
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(sysconfig.get_paths()["purelib"])


def example(name: str, folder: Path) -> Program:
    """Return an example of this project in a copy of the checkout."""
    project = checkout.copy(PROJECT, folder / "ha-backend")
    own_virtualenv(project)
    skip = shutil.ignore_patterns("node_modules", "sdks", ".ha-backend")
    program = shutil.copytree(PROJECT / "examples" / name, project / "examples" / name, ignore=skip)
    return Program(Path(program), folder / "state")


def missing(*programs: str) -> str | None:
    """Return which of these programs are not on PATH, in words; None if all are."""
    absent = [name for name in programs if not shutil.which(name)]
    return f"{', '.join(absent)} not on PATH" if absent else None


def no_registry(words: Sequence[str], unreachable: re.Pattern[str], folder: Path) -> str | None:
    """Return why a registry did not answer a command; None if it did. Asserts that nothing else failed."""
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode and unreachable.search(result.stderr):
        return f"no answer to `{' '.join(words)}` ({' '.join(result.stderr.split())[:200]})"
    assert result.returncode == 0, result.stderr
    return None


def assert_example_works(shop: Program, file: str, good: str, bad: str, replicas: str) -> None:
    """Deploy an example, preview it unchanged, assert that ``bad`` settings are rejected, and destroy it."""
    shop.output("install")
    shop.output("stack", "init", "dev")
    try:
        shop.up()
        assert shop.outputs()["verified"] is True
        shop.assert_unchanged()
        program = shop.folder / file
        before = program.read_text()
        program.write_text(before.replace(good, bad))
        done = shop.pulumi("preview", "--stack", "dev")
        output = done.stdout + done.stderr
        assert done.returncode != 0
        assert (
            f"web.replicas: {replicas} is invalid: must be an integer" in output
            and "web.port: 70000 is invalid" in output
        )
        program.write_text(before)
    finally:
        shop.output("destroy", "--yes", "--stack", "dev")
    assert not shop.resources() and not (shop.folder / ".ha-backend").exists()
