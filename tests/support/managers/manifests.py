"""The manifests of a manager's module, with webhooks that are called on this machine."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.devcluster.catalog import CAPI_MODULE

MODULES = {
    "core": ("sigs.k8s.io/cluster-api", "core"),
    "bootstrap": ("sigs.k8s.io/cluster-api", "bootstrap/kubeadm"),
    "control-plane": ("sigs.k8s.io/cluster-api", "controlplane/kubeadm"),
    "development": ("sigs.k8s.io/cluster-api/test", "infrastructure/docker"),
}
CONTRACTS = ("v1beta1", "v1beta2")


@cache
def folder(module: str) -> Path:
    """Return the sources of a module that ``components/devcluster/tools/capi`` pins."""
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    done = subprocess.run(
        ["go", "mod", "download", "-json", module],
        cwd=CAPI_MODULE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(json.loads(done.stdout)["Dir"])


def of(manager: str, url: str, authority: bytes) -> Iterator[dict[str, Any]]:
    """Yield CustomResourceDefinitions and webhooks. ``url`` serves the webhooks, with ``authority``'s certificate."""
    module, part = MODULES[manager]
    config = folder(module) / part / "config"

    def served(path: str) -> dict[str, Any]:
        return {"url": f"{url}{path}", "caBundle": base64.b64encode(authority).decode()}

    for file in sorted((config / "crd" / "bases").glob("*.yaml")):
        found = yaml.safe_load(file.read_text())
        # Kept is what is stored: earlier versions are asked for by nobody here, and cost the API server as much again.
        found["spec"]["versions"] = [_mute(each) for each in found["spec"]["versions"] if each["storage"]]
        # By these, managers tell which version of one another's kinds they are to use.
        found["metadata"]["labels"] = {
            f"cluster.x-k8s.io/{version}": version
            for version in CONTRACTS
            if version in {each["name"] for each in found["spec"]["versions"]}
        }
        yield found
    for found in yaml.safe_load_all((config / "webhook" / "manifests.yaml").read_text()):
        found["metadata"]["name"] = f"{manager}-{found['metadata']['name']}"
        for webhook in found["webhooks"]:
            webhook["clientConfig"] = served(webhook["clientConfig"]["service"]["path"])
        yield found


def _mute(schema: Any) -> Any:
    """Return the schema without descriptions, which are most of the document that the API server builds."""
    if isinstance(schema, dict):
        return {
            key: _mute(value) for key, value in schema.items() if not (key == "description" and isinstance(value, str))
        }
    return [_mute(each) for each in schema] if isinstance(schema, list) else schema
