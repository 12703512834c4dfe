"""Run the real engine on a copy of this project, with its own stacks, state and embedded cluster."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from components.inspection.client import Client, InspectionError
from components.inspection.observation import Observation, observe
from lab.testbed import checkout
from tests.support.ordering import longest_first

PROJECT = Path(__file__).parent.parent.parent
# Arguments of kubectl that make the disruption budget of the default backend select no pod.
PROTECTS_NOTHING = (
    *("patch", "pdb", "backend-service", "--type=merge", "-p"),
    '{"spec":{"selector":{"matchLabels":{"app.kubernetes.io/name":"x"}}}}',
)
# The files that take longest, as measured.
LONGEST = (
    "cluster_api",
    "existing_namespace",
    "placements",
    "deploy",
    "replicas",
    "verification",
    "examples",
    "real_nodes",
    "lifecycle",
    "every_setting",
    "escape_hatches",
    "our_stack",
    "policy",
    "provider",
    "drift",
    "killed",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items, LONGEST)


class Watch:
    """Observes the backend several times a second in the background. A moment without an answer counts as unknown."""

    def __init__(self, client: Client) -> None:
        self._client, self._stop = client, threading.Event()
        self.observations: list[Observation] = []
        self.unknown = 0

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.2):
            try:
                self.observations.append(observe(self._client, "backend-service", "backend-service"))
            except InspectionError:
                self.unknown += 1

    @property
    def least_endpoints(self) -> int:
        """The lowest number of ready endpoints at any moment."""
        assert len(self.observations) > 10 and self.unknown == 0
        return min(len(observation.endpoints) for observation in self.observations)

    @property
    def replica_counts(self) -> list[int]:
        """The replica counts of the Deployment, in the order of its changes."""
        counts = (observation.deployment.spec.replicas for observation in self.observations)
        return [count for count, _ in itertools.groupby(counts)]


def stored_resources(stack: auto.Stack) -> list[dict[str, Any]]:
    """Return the resources in a stack's state."""
    return list((stack.export_stack().deployment or {}).get("resources", []))


def counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    """Return the number of changes by operation."""
    return {str(getattr(operation, "value", operation)): count for operation, count in (changes or {}).items()}


class Project:
    """A copy of the program in an empty folder, with one stack with settings of the test."""

    nodes = 3

    def __init__(self, folder: Path) -> None:
        self.folder = checkout.copy(PROJECT, folder)
        for file in ("Pulumi.dev.yaml", "Makefile"):
            shutil.copy(PROJECT / file, folder / file)
        self.settings: dict[str, Any] = yaml.safe_load((folder / "Pulumi.dev.yaml").read_text())["config"]
        self._state = folder / "state"
        self._state.mkdir()

    def write(self) -> None:
        """Write the stack file."""
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": self.settings}))

    @property
    def backend(self) -> dict[str, Any]:
        """The settings of the backend, to be changed."""
        backend: dict[str, Any] = self.settings["ha-backend:backend"]
        return backend

    def stack(self) -> auto.Stack:
        """Return the stack, controlled through the Automation API, with its own state."""
        self.write()
        options = auto.LocalWorkspaceOptions(
            env_vars={
                "PULUMI_BACKEND_URL": f"file://{self._state}",
                "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
            secrets_provider="passphrase",
        )
        return auto.create_or_select_stack("dev", work_dir=str(self.folder), opts=options)

    def use_short_deadlines(self) -> None:
        """Set deadlines as short as the settings allow, so failing releases fail quickly."""
        self.backend["health"] = {"startupSeconds": 5}
        self.backend["rollout"] = {"minReadySeconds": 1, "progressDeadlineSeconds": 30}

    def stored_state(self) -> str:
        """Return the state as it is stored on disk."""
        return "".join(file.read_text() for file in (self._state / ".pulumi" / "stacks").rglob("dev.json"))

    @property
    def cluster(self) -> EmbeddedCluster:
        """The embedded cluster of the stack."""
        return EmbeddedCluster(self.folder / ".ha-backend" / "clusters" / "dev", ["zone-a", "zone-b", "zone-c"])

    def kubectl(self, *words: str) -> Any:
        """Run kubectl on the stack's cluster, and return its output, parsed if it is JSON."""
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.cluster.kubeconfig), "-n", "backend-service", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in words else done.stdout

    def api(self) -> Client:
        """Return an API client for the stack's cluster."""
        return Client(self.cluster.kubeconfig.read_text())

    def watching(self) -> Watch:
        """Return a context manager that observes the backend."""
        return Watch(self.api())

    def environment(self) -> dict[str, str]:
        """Return the environment of a user without a configured backend, with installed packages."""
        (self.folder / "venv" / ".installed").touch()
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return {**inherited, "HOME": str(self.folder), "HA_BACKEND_CACHE": str(binaries.cache_root())}

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run make in the copy."""
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )

    def command(self, *words: str, pulumi: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command behind make, whose exit code make hides. ``pulumi`` is a folder to search for it first."""
        return subprocess.run(
            [str(self.folder / "venv" / "bin" / "python"), "-m", "ops.cli", *words],
            cwd=self.folder,
            env=self._with_path(pulumi),
            capture_output=True,
            text=True,
            check=False,
        )

    def start_command(self, *words: str) -> subprocess.Popen[str]:
        """Start the command behind make in its own process group, to be killed."""
        return subprocess.Popen(
            [str(self.folder / "venv" / "bin" / "python"), "-m", "ops.cli", *words],
            cwd=self.folder,
            env=self.environment(),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _with_path(self, folder: Path | None) -> dict[str, str]:
        variables = self.environment()
        return {**variables, "PATH": f"{folder}{os.pathsep}{variables['PATH']}"} if folder else variables

    def start_make_up(self) -> subprocess.Popen[bytes]:
        """Start `make up` in its own process group, to be killed."""
        return subprocess.Popen(
            ["make", "up"],
            cwd=self.folder,
            env=self.environment(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy of this project with its own stack."""
    copy = Project(tmp_path_factory.mktemp("project"))
    yield copy
    copy.cluster.delete()


@pytest.fixture(scope="module")
def deployed(project: Project) -> Iterator[auto.Stack]:
    """The stack with short deadlines, deployed, and destroyed at the end."""
    project.use_short_deadlines()
    stack = project.stack()
    stack.up()
    yield stack
    stack.destroy()
