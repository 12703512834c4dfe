"""The real engine on a copy of this project: its own stacks, state and embedded cluster, all gone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from local import binaries
from local.cluster import EmbeddedCluster

PROJECT = Path(__file__).parent.parent.parent
ROOMS = ("settings", "components", "availability", "local", "preflight", "program", "render", "engine")


class Project:
    """A copy of the program in an empty folder, with one stack of the test's own settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for room in ROOMS:
            shutil.copytree(PROJECT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml", "Makefile", "requirements.txt", "requirements-dev.txt",
                     "constraints.txt"):
            shutil.copy(PROJECT / file, folder / file)
        (folder / "venv").symlink_to(PROJECT / "venv")
        self.settings: dict[str, Any] = yaml.safe_load((folder / "Pulumi.dev.yaml").read_text())["config"]
        self._state = folder / "state"
        self._state.mkdir()

    def write(self) -> None:
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": self.settings}))

    @property
    def backend(self) -> dict[str, Any]:
        return self.settings["ha-backend:backend"]

    def stack(self) -> auto.Stack:
        self.write()
        options = auto.LocalWorkspaceOptions(
            env_vars={"PULUMI_BACKEND_URL": f"file://{self._state}", "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                      "PULUMI_SKIP_UPDATE_CHECK": "true"}, secrets_provider="passphrase")
        return auto.create_or_select_stack("dev", work_dir=str(self.folder), opts=options)

    def stored_state(self) -> str:
        """The state as it lies on disk."""
        return "".join(file.read_text() for file in (self._state / ".pulumi" / "stacks").rglob("dev.json"))

    @property
    def cluster(self) -> EmbeddedCluster:
        return EmbeddedCluster(self.folder / ".ha-backend" / "clusters" / "dev", ["zone-a", "zone-b", "zone-c"])

    def kubectl(self, *words: str) -> Any:
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run([str(program), "--kubeconfig", str(self.cluster.kubeconfig), "-n", "backend-service", *words],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in words else done.stdout

    def _surroundings(self) -> dict[str, str]:
        """Somebody who has chosen no backend, on a copy whose packages are installed already."""
        (self.folder / "venv" / ".installed").touch()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return {**kept, "HOME": str(self.folder), "HA_BACKEND_CACHE": str(binaries.cache_root())}

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """make in the copy."""
        return subprocess.run(["make", *words], cwd=self.folder, env=self._surroundings(), capture_output=True, text=True,
                              check=False)

    def begin_make_up(self) -> subprocess.Popen[bytes]:
        """`make up` in a process group of its own, to be killed."""
        return subprocess.Popen(["make", "up"], cwd=self.folder, env=self._surroundings(), start_new_session=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"))
    yield made
    made.cluster.delete()
