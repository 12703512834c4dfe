"""Baselines: the same backend in other packagings, one YAML file each, with the sources of its defaults in the head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Baseline:
    """A way to deploy a backend: 3 pods on port 8080 behind a load balancer on port 80."""

    name: str
    """Short, and valid as part of a namespace's name."""
    title: str
    """The name in tables."""
    file: Path
    source: str
    """The documentation of its defaults."""


BASELINES = {
    baseline.name: baseline
    for baseline in (
        Baseline("plain", "plain manifest", _FOLDER / "plain.yaml", "https://kubernetes.io/docs"),
        Baseline(
            "helm-create", "helm create", _FOLDER / "helm-create.yaml", "helm/helm v4.2.4, pkg/chart/v2/util/create.go"
        ),
        Baseline(
            "stakater",
            "stakater/application 9.2.0",
            _FOLDER / "stakater.yaml",
            "stakater/application v9.2.0, application/values.yaml",
        ),
        Baseline(
            "app-template",
            "bjw-s app-template, common 5.3.0",
            _FOLDER / "app-template.yaml",
            "bjw-s-labs/helm-charts common-5.3.0, charts/library/common",
        ),
    )
}


def manifests(
    baseline: Baseline, *, name: str, namespace: str, image: str, environment: Mapping[str, str], cpu: str
) -> list[dict[str, Any]]:
    """Return its objects in apply order, the namespace first.

    ``cpu`` is each pod's request, such as 100m; the limit is 1 for all. The image must answer GET / on port 8080 with
    200, run as any user, and write no files. Raises KeyError for a file with an unknown placeholder.
    """
    values = {"name": name, "namespace": namespace, "image": image, "cpu": cpu}
    objects: list[dict[str, Any]] = [
        _filled(document, values) for document in yaml.safe_load_all(baseline.file.read_text())
    ]
    for manifest in objects:
        if manifest["kind"] == "Deployment":
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            container["env"] = [{"name": key, "value": value} for key, value in environment.items()]
    return objects


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """Fill placeholders after parsing: whatever a value contains, it stays one string."""
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return Template(value).substitute(values) if isinstance(value, str) else value
