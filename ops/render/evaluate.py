"""Runs the program in this process against a recording monitor, and returns its manifests in apply order."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.runtime import entrypoint, stack_file
from components.runtime.configuration import RENDERING
from ops.render.recorder import Recorder

# Objects come before the objects that refer to them. Kinds that are not listed come last.
_ORDER = [
    "Namespace",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "ServiceAccount",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "Job",
    "Deployment",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "ClusterClass",
    "Cluster",
]


@dataclass(frozen=True)
class Rendered:
    """The manifests of a program. Generated values in Secrets are placeholders that start with ``generated:``.

    ``management`` holds the manifests for the management cluster from which Cluster API creates the cluster.
    """

    manifests: list[dict[str, Any]]
    management: list[dict[str, Any]]
    places: Mapping[str, Rendered] = field(default_factory=dict)
    """The manifests by placement. Empty for a stack with one cluster."""


def evaluate(project: Path, stack: str, file: Path | None = None) -> Rendered:
    """Run a project's program for one stack. ``file`` is its stack file, by default the one next to Pulumi.yaml.

    Raises StackFileError, and what the program raises: SettingsError, PreflightError and pulumi.RunError.
    """
    config, secret_keys = stack_file.config(project, stack, file)
    recorder = Recorder(stack)
    with _environment(
        PULUMI_CONFIG=json.dumps(config), PULUMI_CONFIG_SECRET_KEYS=json.dumps(secret_keys), **{RENDERING: "1"}
    ):
        recorder.run(_program(project))
    each = {
        cluster: Rendered(_ranked(recorder.manifests[cluster]), _ranked(recorder.management[cluster]))
        for cluster in recorder.clusters
    }
    if len(each) == 1:
        return next(iter(each.values()))
    sites = stack_file.settings(project, stack, file).sites if each else ()
    places = {site.name: each[f"{site.distinct}-cluster" if site.distinct else "cluster"] for site in sites}
    return Rendered(
        [manifest for place in places.values() for manifest in place.manifests],
        [manifest for place in places.values() for manifest in place.management],
        places,
    )


def _program(project: Path) -> entrypoint.Main:
    """Return the function that a project's main module passes to ``entrypoint.run``."""
    spec = importlib.util.spec_from_file_location("_rendered_program", project / "__main__.py")
    assert spec and spec.loader  # noqa: S101 (true for every .py file)
    with entrypoint.capturing() as programs:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    (program,) = programs
    return program


def _ranked(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(manifests, key=lambda manifest: (_rank(manifest["kind"]), manifest["metadata"]["name"]))


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else -1 if kind.endswith("Template") else len(_ORDER)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
