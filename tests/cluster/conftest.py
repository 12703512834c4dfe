"""One embedded cluster for the suite in its own folder, and kubectl on it.

``VERSIONS`` lists the versions of Kubernetes to test one after the other: ``all``, or ``1.35,1.37``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import binaries
from components.devcluster.catalog import DEFAULT_VERSION, VERSIONS
from components.devcluster.cluster import EmbeddedCluster
from ops.render.evaluate import Rendered, evaluate
from tests.support.ordering import longest_first

PROJECT = Path(__file__).parent.parent.parent
Kubectl = Callable[..., Any]


def selected(text: str) -> list[str]:
    """Return the versions in ``VERSIONS``, each once; the default version if it is empty."""
    words = [word for word in re.split(r"[,\s]+", text) if word] or [DEFAULT_VERSION]
    if unknown := [word for word in words if word not in (*VERSIONS, "all")]:
        raise pytest.UsageError(
            f"VERSIONS: unknown version {', '.join(unknown)}; valid values: all, {', '.join(VERSIONS)}"
        )
    return list(VERSIONS if "all" in words else dict.fromkeys(words))


def pytest_configure() -> None:
    selected(os.environ.get("VERSIONS", ""))  # told here, a mistake is one line; later it is a trace for every file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items, ("property_stored", "placement", "drills_kwok"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "cluster" in metafunc.fixturenames:
        metafunc.parametrize("cluster", selected(os.environ.get("VERSIONS", "")), indirect=True, scope="session")


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    zones = ["zone-a", "zone-b", "zone-c"]
    made = EmbeddedCluster(tmp_path_factory.mktemp("cluster") / "kwok", zones, kubernetes=request.param)
    try:
        made.start()
        yield made
    finally:
        made.delete()


@pytest.fixture(scope="session")
def kubectl(cluster: EmbeddedCluster) -> Kubectl:
    program = binaries.ensure(print, ["kubectl"])["kubectl"]

    def call(*words: str, stdin: str | None = None, check: bool = True) -> Any:
        done = subprocess.run(
            [str(program), "--kubeconfig", str(cluster.kubeconfig), *words],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stderr
        if "json" in words:
            return json.loads(done.stdout)
        return done

    return call


def example(name: str) -> Rendered:
    """Return the rendered objects of a stack in ``examples/stacks``."""
    return evaluate(PROJECT, name, PROJECT / "examples" / "stacks" / f"Pulumi.{name}.yaml")


def as_list(manifests: Sequence[dict[str, Any]]) -> str:
    """Return manifests as kubectl's standard input."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})


@pytest.fixture(scope="module")
def backend(kubectl: Kubectl) -> Iterator[Kubectl]:
    """Apply the dev stack, wait for it, and return a function that gets its objects."""
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(evaluate(PROJECT, "dev").manifests))
    inside = ("-n", "backend-service")
    kubectl("rollout", "status", "deployment/backend-service", "--timeout=3m", *inside)
    kubectl("wait", "hpa/backend-service", "--for=condition=ScalingActive", "--timeout=4m", *inside)
    kubectl("wait", "pdb/backend-service", "--for=condition=DisruptionAllowed", "--timeout=1m", *inside)

    def get(kind: str, *more: str) -> Any:
        return kubectl("get", kind, *more, *inside, "-o", "json")

    yield get
    kubectl("delete", "namespace", "backend-service", "--timeout=2m")
