"""The same objects without Pulumi: a chart that helm installs, and manifests that kubectl applies."""

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
from lab.bench.programs import STACK, Site
from ops.render.evaluate import evaluate


def manifests(site: Site, name: str) -> list[dict[str, Any]]:
    """What our program makes for a backend of that name, as it renders it, with values for the Secret."""
    program = site.ours(f"render-{name}")
    config = yaml.safe_load((program.folder / f"Pulumi.{STACK}.yaml").read_text())
    config["config"]["ha-backend:backend"]["name"] = name
    (program.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(config))
    return [with_values(each) for each in evaluate(program.folder, STACK).manifests]


def with_values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret with its values as they are stored, so that to apply it once more is no change."""
    kept = {key: value for key, value in manifest.items() if key != "stringData"}
    if "stringData" in manifest:
        kept["data"] = {
            key: base64.b64encode(str(value).encode()).decode() for key, value in manifest["stringData"].items()
        }
    return kept


def chart(folder: Path, name: str, objects: list[dict[str, Any]]) -> Path:
    """A chart whose templates are the manifests as they are. Raises ValueError where helm would find something to fill in."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(yaml.safe_dump({"apiVersion": "v2", "name": name, "version": "1.0.0"}))
    for number, each in enumerate(objects):
        text = yaml.safe_dump(each)
        if "{{" in text:
            raise ValueError(f"{each['kind']} {each['metadata']['name']} holds {{{{, which helm would fill in")
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
        home = self.folder.parent / "helm-home"  # what a user has told helm must not matter
        around = {**os.environ, **{f"HELM_{key}_HOME": str(home / key.lower()) for key in ("CACHE", "CONFIG", "DATA")}}
        return run(
            [str(self.program), *words, "--kubeconfig", str(self.kubeconfig), "--namespace", "default"],
            self.folder.parent,
            around,
            self.bound,
        )

    def up(self, *, unchanged: bool = False) -> Run:
        """Helm does not tell a release without a change from another: it makes one more revision."""
        return self._helm(
            "upgrade", self.name, str(self.folder), "--install", "--wait", "--timeout", f"{self.bound:.0f}s"
        )

    def preview(self) -> Run:
        """The API server is asked, as by the others."""
        return self._helm("upgrade", self.name, str(self.folder), "--install", "--dry-run=server")

    def destroy(self) -> Run:
        """Removes the release, and waits until it is gone."""
        return self._helm("uninstall", self.name, "--wait", "--timeout", f"{self.bound:.0f}s")


@dataclass(frozen=True)
class Kubectl:
    """Manifests in ``file``, applied; then the Deployment is waited for."""

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
        """Both commands as one."""
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
        """Fails where there is a difference."""
        return self._kubectl("diff", "-f", str(self.file))

    def destroy(self) -> Run:
        """Waits until everything is gone."""
        return self._kubectl("delete", "-f", str(self.file), "--wait=true", f"--timeout={self.bound:.0f}s")


def helm(site: Site, program: Path) -> Helm:
    """A chart of our own manifests, made now."""
    return Helm(
        program, chart(site.work / "chart", "helm", manifests(site, "helm")), site.cluster.kubeconfig, site.bound
    )


def kubectl(site: Site) -> Kubectl:
    """Our own manifests, made now."""
    file = site.work / "manifests.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests(site, "kubectl")}))
    return Kubectl(binaries.ensure(lambda _: None, ["kubectl"])["kubectl"], file, site.cluster.kubeconfig, site.bound)
