"""Runs the program in this process against a monitor that records, and gives the Kubernetes objects in apply order."""

from __future__ import annotations

import json
import os
import runpy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi

from components.runtime import stack_file
from components.runtime.configuration import RENDERING
from ops.render.recorder import Recorder

# What others refer to comes before what refers to it; kinds without a place go last.
_ORDER = [
    "Namespace",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "ServiceAccount",
    "ConfigMap",
    "Secret",
    "Service",
    "Deployment",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "ClusterClass",
    "Cluster",
]


@dataclass(frozen=True)
class Rendered:
    """What a program would apply. Generated values in Secrets are placeholders that start with ``generated:``.

    ``management``: what of it is on the management cluster, where Cluster API is to make the cluster of the rest.
    """

    manifests: list[dict[str, Any]]
    management: list[dict[str, Any]]
    places: Mapping[str, Rendered] = field(default_factory=dict)
    """The same by placement, where there are several clusters."""


def evaluate(project: Path, stack: str, file: Path | None = None) -> Rendered:
    """Evaluates the program of a project for one stack, whose file may be elsewhere.

    Raises StackFileError, or pulumi.RunError as the program does.
    """
    config, secret_keys = stack_file.config(project, stack, file)
    recorder = Recorder(stack)
    with _environment(
        PULUMI_CONFIG=json.dumps(config), PULUMI_CONFIG_SECRET_KEYS=json.dumps(secret_keys), **{RENDERING: "1"}
    ):
        recorder.run(lambda: _main(project))
    each = {
        cluster: Rendered(_ranked(recorder.manifests[cluster]), _ranked(recorder.management[cluster]))
        for cluster in recorder.clusters
    }
    if len(each) == 1:
        return next(iter(each.values()))
    sites = stack_file.settings(project, stack, file).sites if each else ()
    places = {site.name: each[f"{site.distinct}-cluster" if site.distinct else "cluster"] for site in sites}
    return Rendered(
        [one for place in places.values() for one in place.manifests],
        [one for place in places.values() for one in place.management],
        places,
    )


def _ranked(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda m: (_rank(m["kind"]), m["metadata"]["name"]))


async def _main(project: Path) -> None:
    """Runs a project's main module, and what it gives Pulumi to run."""
    # There is no stack here that could have outputs, or that would await.
    with mock.patch.object(pulumi, "export"), mock.patch.object(pulumi, "run") as begun:
        runpy.run_path(str(project / "__main__.py"), run_name="__main__")
        for call in begun.call_args_list:
            await call.args[0]()


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
