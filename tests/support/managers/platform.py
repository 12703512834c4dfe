"""The example ``platform``, whose cluster is created by the test's own management cluster."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from lab.testbed import checkout
from tests.support.managers.management import ManagementCluster

PROJECT = Path(__file__).parent.parent.parent.parent
ZONES = ["zone-a", "zone-b", "zone-c"]


class Platform:
    """A copy of the example ``platform``, whose cluster belongs to the management cluster."""

    def __init__(self, folder: Path, management: ManagementCluster) -> None:
        self.management = management
        self.folder = checkout.copy(PROJECT, folder)
        self.program = folder / "examples" / "platform"
        shutil.copytree(PROJECT / "examples" / "platform", self.program, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "state").mkdir()
        self.cluster: dict[str, Any] = {
            "kind": "cluster-api",
            "name": "shop",
            "version": "1.35.2",
            "zones": ZONES,
            "readyMinutes": 20,
            "management": {"kubeconfig": str(management.kubeconfig), "context": management.context},
            "development": {"machineSeconds": 1},
        }

    def stack(self, **different: object) -> auto.Stack:
        """Return the main stack with changed cluster settings; later tests keep these settings."""
        self.cluster |= different
        return self._stack("dev", self.cluster)

    def another(self, name: str, **different: object) -> auto.Stack:
        """Return a stack with a cluster of that name and the main stack's settings, for one test."""
        return self._stack(name, {**self.cluster, "name": name, **different})

    def _stack(self, stack: str, cluster: dict[str, Any]) -> auto.Stack:
        (self.program / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": {"platform:cluster": cluster}}))
        options = auto.LocalWorkspaceOptions(
            secrets_provider="passphrase",
            env_vars={
                "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "only in this test",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PYTHONPATH": str(self.folder),
            },
        )
        return auto.create_or_select_stack(stack, work_dir=str(self.program), opts=options)

    def named(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind on the management cluster."""
        return self.management.kubectl("get", kind, "-A", "-o", "jsonpath={.items[*].metadata.name}").split()

    def gone(self, *kinds: str) -> None:
        """Assert that none is left. The garbage collector may take a moment to delete dependents."""
        deadline = time.monotonic() + 120
        while left := {kind: names for kind in kinds if (names := self.named(kind))}:
            assert time.monotonic() < deadline, left
            time.sleep(1)

    def versions(self, name: str = "shop") -> list[str]:
        """Return the version of each of a cluster's machines."""
        return self.management.kubectl(
            "get",
            "machines",
            "-A",
            "-l",
            f"cluster.x-k8s.io/cluster-name={name}",
            "-o",
            "jsonpath={.items[*].spec.version}",
        ).split()


@contextmanager
def managed(folders: Any) -> Iterator[Platform]:
    """Run the managers. ``folders`` is pytest's factory. Skip the test if they cannot be built."""
    if absent := [name for name in ("go", "openssl") if not shutil.which(name)]:
        pytest.skip(
            f"there is no {' and no '.join(absent)} here: nothing is proved of Cluster API, whose managers are "
            "published as images only"
        )
    management = ManagementCluster(folders.mktemp("managers"))
    try:
        management.start()
        yield Platform(folders.mktemp("platform"), management)
    finally:
        management.delete()
