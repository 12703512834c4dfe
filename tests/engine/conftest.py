"""The real engine on a copy of this project: its own stacks, state and embedded cluster, all gone afterwards."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
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
from tools.test import SHORT

PROJECT = Path(__file__).parent.parent.parent
# Files that take longest, measured.
LONGEST = (
    "cluster_api",
    "placements",
    "deploy",
    "replicas",
    "red",
    "examples",
    "real_nodes",
    "lifecycle",
    "every_setting",
    "hatches",
    "ours",
    "policy",
    "package",
    "drift",
    "killed",
)


# Left out where all suites run one after the other, as for a change that is to land: half of the suite's time. Files, and tests
# whose file is a life of which they are a detour.
LONG = {
    "test_cluster_api",
    "test_placements",
    "test_killed",
    "test_wheel",
    "test_edge",
    "test_ours",
    "test_go",
    "test_an_update_killed_half_way_is_gone_on_with_though_objects_exist_already",
    "test_a_second_one_directly_after_whose_return_is_killed_is_taken_back_by_the_next_run",
    "test_a_deployment_that_is_killed_can_be_taken_back_by_hand",
    "test_a_plan_is_rejected_where_the_cluster_is_another_since_the_preview",
    "test_a_changed_pod_template_takes_a_rolling_restart_and_it_is_said_before",
    "test_another_input_of_the_cluster_replaces_it_with_everything_on_it",
    "test_a_cluster_that_is_gone_is_noticed_by_refresh_and_made_again_by_up",
    "test_an_autoscaler_that_cannot_read_its_metrics_is_red",
    "test_an_ingress_without_a_load_balancer",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items, LONGEST)
    if os.environ.get(SHORT):
        for item in items:
            if LONG & {item.path.stem, getattr(item, "originalname", "")}:
                item.add_marker(
                    pytest.mark.skip(
                        reason="a long one, of which nothing is proved by this run: `make test SUITE=engine` runs it"
                    )
                )


class Watch:
    """Samples what serves, many times a second, while something else happens. A moment without an answer counts as unknown."""

    def __init__(self, client: Client) -> None:
        self._client, self._stop = client, threading.Event()
        self.seen: list[Observation] = []
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
                self.seen.append(observe(self._client, "backend-service", "backend-service"))
            except InspectionError:
                self.unknown += 1

    @property
    def least_endpoints(self) -> int:
        assert len(self.seen) > 10 and self.unknown == 0
        return min(len(seen.endpoints) for seen in self.seen)

    @property
    def numbers(self) -> list[int]:
        """The Deployment's number of pods, each change of it."""
        return [number for number, _ in itertools.groupby(seen.deployment.spec.replicas for seen in self.seen)]


class Project:
    """A copy of the program in an empty folder, with one stack of the test's own settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = checkout.copy(PROJECT, folder)
        for file in ("Pulumi.dev.yaml", "Makefile"):
            shutil.copy(PROJECT / file, folder / file)
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
            env_vars={
                "PULUMI_BACKEND_URL": f"file://{self._state}",
                "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
            secrets_provider="passphrase",
        )
        return auto.create_or_select_stack("dev", work_dir=str(self.folder), opts=options)

    def impatient(self) -> None:
        """As short as the settings allow: for releases that must fail within the test's time."""
        self.backend["health"] = {"startupSeconds": 5}
        self.backend["rollout"] = {"minReadySeconds": 1, "progressDeadlineSeconds": 30}

    def stored_state(self) -> str:
        """The state as it lies on disk."""
        return "".join(file.read_text() for file in (self._state / ".pulumi" / "stacks").rglob("dev.json"))

    @property
    def cluster(self) -> EmbeddedCluster:
        return EmbeddedCluster(self.folder / ".ha-backend" / "clusters" / "dev", ["zone-a", "zone-b", "zone-c"])

    def kubectl(self, *words: str) -> Any:
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
        """The official client on the stack's cluster."""
        return Client(self.cluster.kubeconfig.read_text())

    def watching(self) -> Watch:
        """Samples the backend from now on until it is left."""
        return Watch(self.api())

    def _surroundings(self) -> dict[str, str]:
        """Somebody who has chosen no backend, on a copy whose packages are installed already."""
        (self.folder / "venv" / ".installed").touch()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return {**kept, "HOME": str(self.folder), "HA_BACKEND_CACHE": str(binaries.cache_root())}

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """make in the copy."""
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=self._surroundings(), capture_output=True, text=True, check=False
        )

    def engine(self, *words: str, pulumi: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The command behind make in the copy, whose exit code make would hide; ``pulumi``: a folder to look for it first."""
        return subprocess.run(
            [str(self.folder / "venv" / "bin" / "python"), "-m", "ops.cli", *words],
            cwd=self.folder,
            env=self._found_in(pulumi),
            capture_output=True,
            text=True,
            check=False,
        )

    def begin_engine(self, *words: str) -> subprocess.Popen[str]:
        """The same in a process group of its own, to be killed."""
        return subprocess.Popen(
            [str(self.folder / "venv" / "bin" / "python"), "-m", "ops.cli", *words],
            cwd=self.folder,
            env=self._surroundings(),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _found_in(self, folder: Path | None) -> dict[str, str]:
        found = self._surroundings()
        return {**found, "PATH": f"{folder}{os.pathsep}{found['PATH']}"} if folder else found

    def begin_make_up(self) -> subprocess.Popen[bytes]:
        """`make up` in a process group of its own, to be killed."""
        return subprocess.Popen(
            ["make", "up"],
            cwd=self.folder,
            env=self._surroundings(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"))
    yield made
    made.cluster.delete()


@pytest.fixture(scope="module")
def deployed(project: Project) -> Iterator[auto.Stack]:
    """The stack with short deadlines, deployed; gone with everything at the end."""
    project.impatient()
    made = project.stack()
    made.up()
    yield made
    made.destroy()
