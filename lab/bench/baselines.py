"""The same objects without Pulumi: a chart for helm, and manifests for kubectl."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.devcluster import binaries
from lab.bench.process import Run, run
from lab.bench.programs import STACK, Workspace
from ops.render.evaluate import evaluate


def manifests(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    """Return the manifests that this project renders for a backend of that name, with values for the Secret."""
    program = workspace.component(f"render-{name}")
    config = yaml.safe_load((program.folder / f"Pulumi.{STACK}.yaml").read_text())
    config["config"]["ha-backend:backend"]["name"] = name
    (program.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(config))
    return [with_values(each) for each in evaluate(program.folder, STACK).manifests]


def with_values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Secret with its values as they are stored, so that applying it again is no change."""
    result = {key: value for key, value in manifest.items() if key != "stringData"}
    if "stringData" in manifest:
        result["data"] = {
            key: base64.b64encode(str(value).encode()).decode() for key, value in manifest["stringData"].items()
        }
    return result


def chart(folder: Path, name: str, objects: list[dict[str, Any]]) -> Path:
    """Write a chart whose templates are the manifests themselves. Raises ValueError if helm would expand a template."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(yaml.safe_dump({"apiVersion": "v2", "name": name, "version": "1.0.0"}))
    for number, each in enumerate(objects):
        text = yaml.safe_dump(each)
        if "{{" in text:
            raise ValueError(f"{each['kind']} {each['metadata']['name']} contains {{{{, which helm would expand")
        (folder / "templates" / f"{number:02}-{each['kind'].lower()}.yaml").write_text(text)
    return folder


@dataclass(frozen=True)
class Helm:
    """A release of the chart in ``folder``."""

    program: Path
    folder: Path
    kubeconfig: Path
    bound: float
    name: str = "helm"

    def _helm(self, *words: str) -> Run:
        home = self.folder.parent / "helm-home"  # isolate the user's helm configuration
        environment = {
            **os.environ,
            **{f"HELM_{key}_HOME": str(home / key.lower()) for key in ("CACHE", "CONFIG", "DATA")},
        }
        return run(
            [str(self.program), *words, "--kubeconfig", str(self.kubeconfig), "--namespace", "default"],
            self.folder.parent,
            environment,
            self.bound,
        )

    def up(self, *, unchanged: bool = False) -> Run:
        """Install or upgrade. Helm creates a new revision even without a change."""
        return self._helm(
            "upgrade", self.name, str(self.folder), "--install", "--wait", "--timeout", f"{self.bound:.0f}s"
        )

    def preview(self) -> Run:
        """Run a dry run against the API server, as the other contenders do."""
        return self._helm("upgrade", self.name, str(self.folder), "--install", "--dry-run=server")

    def destroy(self) -> Run:
        """Uninstall the release, and wait until it is deleted."""
        return self._helm("uninstall", self.name, "--wait", "--timeout", f"{self.bound:.0f}s")


@dataclass(frozen=True)
class Kubectl:
    """Manifests in ``file``: apply them, then wait for the Deployment."""

    program: Path
    file: Path
    kubeconfig: Path
    bound: float
    name: str = "kubectl"

    def _kubectl(self, *words: str) -> Run:
        return run(
            [str(self.program), "--kubeconfig", str(self.kubeconfig), *words], self.file.parent, os.environ, self.bound
        )

    def up(self, *, unchanged: bool = False) -> Run:
        """Apply and wait, measured as one command."""
        applied = self._kubectl("apply", "-f", str(self.file))
        waited = self._kubectl(
            "rollout", "status", f"deployment/{self.name}", "-n", self.name, f"--timeout={self.bound:.0f}s"
        )
        return Run(
            applied.seconds + waited.seconds,
            applied.cpu_seconds + waited.cpu_seconds,
            max(applied.peak_mib, waited.peak_mib),
            {**waited.parts_mib, **applied.parts_mib},
        )

    def preview(self) -> Run:
        """Show the differences; fail if there are any."""
        return self._kubectl("diff", "-f", str(self.file))

    def destroy(self) -> Run:
        """Delete everything, and wait until it is deleted."""
        return self._kubectl("delete", "-f", str(self.file), "--wait=true", f"--timeout={self.bound:.0f}s")


def helm(workspace: Workspace, program: Path) -> Helm:
    """Return a chart of this project's manifests."""
    return Helm(
        program,
        chart(workspace.work / "chart", "helm", manifests(workspace, "helm")),
        workspace.cluster.kubeconfig,
        workspace.bound,
    )


def kubectl(workspace: Workspace) -> Kubectl:
    """Return this project's manifests in a file."""
    file = workspace.work / "manifests.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests(workspace, "kubectl")}))
    return Kubectl(
        binaries.ensure(lambda _: None, ["kubectl"])["kubectl"], file, workspace.cluster.kubeconfig, workspace.bound
    )
