"""A program of somebody else's on the real engine, beside a copy of this project that it takes the package from."""

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
    """A folder with a program, a state of its own, and the engine to run it with."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder, self._state = folder, state
        state.mkdir(exist_ok=True)

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The engine in the program's folder, as somebody without a terminal calls it."""
        engine = find(PROJECT, print, install=False)
        assert isinstance(engine, Engine)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return subprocess.run(
            [engine.path, "--non-interactive", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={
                **kept,
                "PULUMI_BACKEND_URL": f"file://{self._state}",
                "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "HA_BACKEND_CACHE": str(binaries.cache_root()),
                # The engine makes virtualenvs with the first Python there is.
                "PATH": f"{Path(sys.executable).parent}:{Path(engine.path).parent}:{os.environ['PATH']}",
            },
        )

    def done(self, *words: str) -> str:
        """The same, which must succeed; what it said."""
        result = self.pulumi(*words)
        assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]
        return result.stdout

    def up(self, *words: str) -> str:
        return self.done("up", "--yes", "--skip-preview", "--stack", "dev", *words)

    def unchanged(self) -> None:
        """A preview that finds nothing to do."""
        self.done("preview", "--stack", "dev", "--expect-no-changes")

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.done("stack", "output", "--stack", "dev", "--json")))

    def stored_state(self) -> str:
        """The state as it lies on disk."""
        return "".join(file.read_text() for file in (self._state / ".pulumi" / "stacks").rglob("dev.json"))

    def resources(self) -> list[dict[str, Any]]:
        return list(json.loads(self.done("stack", "export", "--stack", "dev"))["deployment"].get("resources") or [])


def own_virtualenv(folder: Path) -> None:
    """A virtualenv that may be written to, unlike the one that all tests share, and that has its packages."""
    (folder / "venv").unlink(missing_ok=True)
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(sysconfig.get_paths()["purelib"])


def example(name: str, folder: Path) -> Program:
    """An example of this project, as it lies in a checkout."""
    project = checkout.copy(PROJECT, folder / "ha-backend")
    own_virtualenv(project)
    skip = shutil.ignore_patterns("node_modules", "sdks", ".ha-backend")
    program = shutil.copytree(PROJECT / "examples" / name, project / "examples" / name, ignore=skip)
    return Program(Path(program), folder / "state")


def missing(*programs: str) -> str | None:
    """What of these is not on PATH, in words; None where all is."""
    absent = [name for name in programs if not shutil.which(name)]
    return f"{', '.join(absent)} not on PATH" if absent else None


def silent(words: Sequence[str], unreachable: re.Pattern[str], folder: Path) -> str | None:
    """What a question to a registry was answered with, where nobody answered; None where it was. Any other failure is one."""
    asked = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if asked.returncode and unreachable.search(asked.stderr):
        return f"no answer to `{' '.join(words)}` ({' '.join(asked.stderr.split())[:200]})"
    assert asked.returncode == 0, asked.stderr
    return None


def lives(shop: Program, file: str, good: str, bad: str, replicas: str) -> None:
    """An example is deployed, found unchanged, refused with what is wrong in ``bad``, and destroyed."""
    shop.done("install")
    shop.done("stack", "init", "dev")
    try:
        shop.up()
        assert shop.outputs()["verified"] is True
        shop.unchanged()
        program = shop.folder / file
        kept = program.read_text()
        program.write_text(kept.replace(good, bad))
        done = shop.pulumi("preview", "--stack", "dev")
        said = done.stdout + done.stderr
        assert done.returncode != 0
        assert (
            f"web.replicas: {replicas} is wrong; right would be a whole number" in said
            and "web.port: 80 is wrong" in said
        )
        program.write_text(kept)
    finally:
        shop.done("destroy", "--yes", "--stack", "dev")
    assert not shop.resources() and not (shop.folder / ".ha-backend").exists()
