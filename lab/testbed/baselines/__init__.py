"""The same backend as others would have deployed it: one YAML file each, with every default's source in its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Rival:
    """One way to deploy a backend: 3 pods on port 8080 behind a load balancer on port 80."""

    name: str
    """Short, and fit to be part of a namespace's name."""
    title: str
    """How a table calls it."""
    file: Path
    source: str
    """Where its defaults are documented."""


RIVALS = {
    rival.name: rival
    for rival in (
        Rival("plain", "plain manifest", _FOLDER / "plain.yaml", "https://kubernetes.io/docs"),
        Rival(
            "helm-create", "helm create", _FOLDER / "helm-create.yaml", "helm/helm v4.2.4, pkg/chart/v2/util/create.go"
        ),
        Rival(
            "stakater",
            "stakater/application 9.2.0",
            _FOLDER / "stakater.yaml",
            "stakater/application v9.2.0, application/values.yaml",
        ),
        Rival(
            "app-template",
            "bjw-s app-template, common 5.3.0",
            _FOLDER / "app-template.yaml",
            "bjw-s-labs/helm-charts common-5.3.0, charts/library/common",
        ),
    )
}


def manifests(
    rival: Rival, *, name: str, namespace: str, image: str, environment: Mapping[str, str], cpu: str
) -> list[dict[str, Any]]:
    """Its objects in apply order, the namespace first.

    ``cpu`` is what each pod requests, e.g. 100m; the limit is 1 for all. The image must answer GET / on port 8080 with 200,
    serve as any user, and write to no file. Raises KeyError when a file has a placeholder that is none of these.
    """
    values = {"name": name, "namespace": namespace, "image": image, "cpu": cpu}
    filled: list[dict[str, Any]] = [
        _filled(document, values) for document in yaml.safe_load_all(rival.file.read_text())
    ]
    for manifest in filled:
        if manifest["kind"] == "Deployment":
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            container["env"] = [{"name": key, "value": value} for key, value in environment.items()]
    return filled


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """Filled in after parsing: whatever a value contains, it stays one string."""
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return Template(value).substitute(values) if isinstance(value, str) else value
