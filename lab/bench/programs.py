"""The measured programs, this project's and hand-written ones, and the engine that runs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from components.devcluster.cluster import EmbeddedCluster
from lab.bench.process import Run, run
from lab.testbed import checkout
from ops.cli.pulumi_binary import Engine

BENCH = Path(__file__).parent
PROJECT = BENCH.parent.parent
STACK = "bench"
# As small as the promise allows, so that few nodes suffice for many backends; and without autoscalers, because the
# embedded cluster's controller cannot keep up with a hundred of them on two processors.
SMALL: dict[str, Any] = {
    "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"cpu": "100m", "memory": "256Mi"}},
    "autoscaling": {"enabled": False},
}
SMALL_BY_HAND = {"BENCH_CPU": "50m", "BENCH_CPU_LIMIT": "100m", "BENCH_AUTOSCALER": "off"}


def settings(kubeconfig: Path, context: str, name: str, **backend: Any) -> dict[str, Any]:
    """Return a stack file's configuration: the backend of the stack ``dev`` on an existing cluster."""
    config: dict[str, Any] = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]
    config["ha-backend:cluster"] = {"kind": "existing", "kubeconfig": str(kubeconfig), "context": context}
    config["ha-backend:backend"] |= {"name": name, **backend}
    return config


@dataclass(frozen=True)
class Program:
    """A Pulumi program in ``folder`` with its state in ``state``. No command may take more than ``bound`` seconds."""

    folder: Path
    state: Path
    engine: Engine
    bound: float
    environment: Mapping[str, str] = field(default_factory=dict)

    def pulumi(self, *words: str, bound: float | None = None) -> Run:
        """Run a command of the engine. Raises StepError."""
        environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.environment,
        }
        return run([self.engine.path, "--non-interactive", *words], self.folder, environment, bound or self.bound)

    def begin(self) -> None:
        """Create the stack, and compile the program and its imports to bytecode."""
        self.state.mkdir(parents=True, exist_ok=True)
        self.pulumi("stack", "init", STACK)
        self.preview(unchanged=False)

    def preview(self, *, unchanged: bool = True) -> Run:
        """Preview. Raises StepError if ``unchanged`` and something would change."""
        return self.pulumi("preview", *(["--expect-no-changes"] if unchanged else []))

    def up(self, *, unchanged: bool = False, parallel: int | None = None) -> Run:
        """Deploy without a preview."""
        return self.pulumi(
            "up",
            "--yes",
            "--skip-preview",
            *(["--expect-no-changes"] if unchanged else []),
            *(["--parallel", str(parallel)] if parallel else []),
        )

    def destroy(self) -> Run:
        """Destroy the stack's resources."""
        return self.pulumi("destroy", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Workspace:
    """A cluster and a folder to measure in: programs and their states are in ``work``."""

    cluster: EmbeddedCluster
    work: Path
    engine: Engine
    bound: float

    @property
    def context(self) -> str:
        """Return the name of the cluster's context."""
        return self.cluster.context

    def component(self, name: str = "ours", *, many: int = 0, **backend: Any) -> Program:
        """Copy this project with one stack; ``many`` is the number of backends in it, 0 for the stack file's one."""
        folder = checkout.copy(PROJECT, self.work / name)
        if many:
            shutil.copy(BENCH / "several" / "__main__.py", folder / "__main__.py")
            backend |= SMALL
        config = settings(self.cluster.kubeconfig, self.context, "ours", **backend)
        (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}))
        return self._program(folder, {"BENCH_COUNT": str(many)} if many else {})

    def copy(self, program: str, **environment: str) -> Program:
        """Copy a program of this package: ``handwritten`` or ``floor``."""
        folder = self.work / "-".join((program, *environment.get("BENCH_KIND", "").split()))
        shutil.copytree(BENCH / program, folder)
        file = folder / "Pulumi.yaml"
        file.write_text(file.read_text().replace("../../../venv", str((PROJECT / "venv").resolve())))
        return self._program(folder, {"BENCH_KUBECONFIG": str(self.cluster.kubeconfig), **environment})

    def _program(self, folder: Path, environment: Mapping[str, str]) -> Program:
        return Program(folder, self.work / f"state-{folder.name}", self.engine, self.bound, environment)
