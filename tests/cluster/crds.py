"""CustomResourceDefinitions from their projects' Go modules. None is in this repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cluster.conftest import Kubectl

GATEWAY_API = ("sigs.k8s.io/gateway-api", "v1.4.0", "config/crd/standard")
GATEWAY_API_EXPERIMENTAL = (*GATEWAY_API[:2], "config/crd/experimental")
ISTIO = ("istio.io/api", "v1.32.0", "kubernetes")
PROMETHEUS = ("github.com/prometheus-operator/prometheus-operator", "v0.85.0", "example/prometheus-operator-crd")

# As Go says it: no network, or no module proxy. One that answers and has not what is pinned here is a failure.
UNREACHABLE = re.compile(r"GOPROXY=off|dial tcp|no such host|proxyconnect|timeout|connection re(?:fused|set)|50[234] ")


def folder(module: str, version: str, inside: str, beside: Path) -> Path:
    """Return the folder of the definitions. Skip the test without a network; a missing module is a failure."""
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"there is no Go here to obtain {module} {version} with")
    done = subprocess.run(
        [go, "mod", "download", "-json", f"{module}@{version}"],
        cwd=beside,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    said = " ".join((done.stdout + done.stderr).split())[-300:]
    if done.returncode != 0 and UNREACHABLE.search(said):
        pytest.skip(f"{module} {version} cannot be obtained, so that nothing is proved of its kinds here: {said}")
    assert done.returncode == 0, said
    return Path(json.loads(done.stdout)["Dir"]) / inside


def withdraw(kubectl: Kubectl, *files: str) -> None:
    """Delete applied definitions, and the objects of their kinds.

    They are listed first. The API server fails to delete a kind of which nobody has asked for an object yet ("storage
    is (re)initializing"), and may lose its own next try to a conflict with its record of that: the kind then stays for
    minutes.
    """
    given = [word for file in files for word in ("-f", file)]
    names = [line.partition("/")[2] for line in kubectl("get", *given, "-o", "name").stdout.split()]
    kubectl("get", ",".join(names), "--all-namespaces")
    kubectl("delete", *given, "--timeout=60s")
