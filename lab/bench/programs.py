"""What is measured: our program and the hand-written ones, each in a folder of its own, and the engine that runs them."""

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

PROJECT = Path(__file__).parent.parent.parent
STACK = "bench"
# Of many: as small as they can be with the promise kept, so that the nodes need not be many; and without autoscalers, of which
# a hundred are more than the embedded cluster's controller follows on two processors.
SMALL = {
    "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"cpu": "100m", "memory": "256Mi"}},
    "autoscaling": {"enabled": False},
}
SMALL_BY_HAND = {"BENCH_CPU": "50m", "BENCH_CPU_LIMIT": "100m", "BENCH_AUTOSCALER": "off"}


def settings(kubeconfig: Path, context: str, name: str, **backend: Any) -> dict[str, Any]:
    """A stack file's configuration: the backend of the stack ``dev``, on a cluster that exists."""
    config: dict[str, Any] = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]
    config["ha-backend:cluster"] = {"kind": "existing", "kubeconfig": str(kubeconfig), "context": context}
    config["ha-backend:backend"] |= {"name": name, **backend}
    return config


@dataclass(frozen=True)
class Program:
    """A Pulumi program in ``folder``; its state lies in ``state``. No command may take more than ``bound`` seconds."""

    folder: Path
    state: Path
    engine: Engine
    bound: float
    environment: Mapping[str, str] = field(default_factory=dict)

    def pulumi(self, *words: str, bound: float | None = None) -> Run:
        """One command of the engine. Raises StepError."""
        around = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.environment,
        }
        return run([self.engine.path, "--non-interactive", *words], self.folder, around, bound or self.bound)

    def begin(self) -> None:
        """Makes the stack, and lets Python compile the program and all that it loads."""
        self.state.mkdir(parents=True, exist_ok=True)
        self.pulumi("stack", "init", STACK)
        self.preview(unchanged=False)

    def preview(self, *, unchanged: bool = True) -> Run:
        """Raises StepError where something would change that should not."""
        return self.pulumi("preview", *(["--expect-no-changes"] if unchanged else []))

    def up(self, *, unchanged: bool = False, parallel: int | None = None) -> Run:
        """Deploys without a preview before it."""
        return self.pulumi(
            "up",
            "--yes",
            "--skip-preview",
            *(["--expect-no-changes"] if unchanged else []),
            *(["--parallel", str(parallel)] if parallel else []),
        )

    def destroy(self) -> Run:
        """Removes what it has deployed."""
        return self.pulumi("destroy", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Site:
    """A cluster with what is measured on it: programs and their states live in ``work``."""

    cluster: EmbeddedCluster
    work: Path
    engine: Engine
    bound: float

    @property
    def context(self) -> str:
        """The name of the cluster's context."""
        return self.cluster.context

    def ours(self, name: str = "ours", *, many: int = 0, **backend: Any) -> Program:
        """A copy of this project with one stack; ``many``: so many backends in it."""
        folder = checkout.copy(PROJECT, self.work / name)
        if many:
            shutil.copy(PROJECT / "bench" / "several" / "__main__.py", folder / "__main__.py")
            backend |= SMALL
        config = settings(self.cluster.kubeconfig, self.context, "ours", **backend)
        (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}))
        return self._program(folder, {"BENCH_COUNT": str(many)} if many else {})

    def written(self, program: str, **environment: str) -> Program:
        """A copy of a program in this folder: ``handwritten`` or ``floor``."""
        folder = self.work / "-".join((program, *environment.get("BENCH_KIND", "").split()))
        shutil.copytree(PROJECT / "bench" / program, folder)
        file = folder / "Pulumi.yaml"
        file.write_text(file.read_text().replace("../../venv", str((PROJECT / "venv").resolve())))
        return self._program(folder, {"BENCH_KUBECONFIG": str(self.cluster.kubeconfig), **environment})

    def _program(self, folder: Path, environment: Mapping[str, str]) -> Program:
        return Program(folder, self.work / f"state-{folder.name}", self.engine, self.bound, environment)
