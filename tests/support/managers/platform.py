"""The example ``platform``, whose cluster is made from a management cluster of the test's own."""

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
    """A copy of the example ``platform``, whose cluster is one of the management cluster."""

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
        """The one that most tests are about, with these settings of its cluster; the tests after this one have them as well."""
        self.cluster |= different
        return self._stack("dev", self.cluster)

    def another(self, name: str, **different: object) -> auto.Stack:
        """A stack and a cluster of that name, otherwise as the first one; nothing of it is left to the tests after this one."""
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
        """The names of all objects of a kind on the management cluster."""
        return self.management.kubectl("get", kind, "-A", "-o", "jsonpath={.items[*].metadata.name}").split()

    def gone(self, *kinds: str) -> None:
        """Asserts that there is none left. What belongs to what is gone may take the garbage collector a moment."""
        deadline = time.monotonic() + 120
        while left := {kind: names for kind in kinds if (names := self.named(kind))}:
            assert time.monotonic() < deadline, left
            time.sleep(1)

    def versions(self, name: str = "shop") -> list[str]:
        """Of each of a cluster's machines."""
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
    """Starts the managers, and ends them. ``folders`` is pytest's factory. Skips the test where they cannot be built."""
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
