"""A cluster that the stack does not own, with a namespace that others use too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster

NAMESPACE = "team"
# What docs/how-to/existing-namespace.md lists.
RULES = yaml.safe_load(
    (Path(__file__).parents[2] / "docs/how-to/existing-namespace.md").read_text().split("```yaml\n")[-1].split("```")[0]
)["rules"]


class Foreign:
    """A cluster that the stack does not own, with a namespace that others use too."""

    def __init__(self, folder: Path) -> None:
        self.cluster = EmbeddedCluster(folder / "c", ["zone-a", "zone-b", "zone-c"])
        self.cluster.start()

    def kubectl(self, *words: str, stdin: Any = None) -> str:
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.cluster.kubeconfig), *words],
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def limited_kubeconfig(self, file: Path) -> Path:
        """Write the kubeconfig of an account that has rights in the namespace alone."""
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": RULES}
        self.kubectl("create", "-f", "-", stdin={**role, "metadata": {"name": "deployer", "namespace": NAMESPACE}})
        self.kubectl("create", "serviceaccount", "deployer", "-n", NAMESPACE)
        account = f"--serviceaccount={NAMESPACE}:deployer"
        self.kubectl("create", "rolebinding", "deployer", "--role=deployer", account, "-n", NAMESPACE)
        token = self.kubectl("create", "token", "deployer", "-n", NAMESPACE, "--duration=2h").strip()
        config = yaml.safe_load(self.cluster.kubeconfig.read_text())
        config["users"] = [{"name": "deployer", "user": {"token": token}}]
        for context in config["contexts"]:
            context["context"]["user"] = "deployer"
        file.write_text(yaml.safe_dump(config))
        return file
