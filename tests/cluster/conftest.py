"""One embedded cluster for the suite, in a folder of its own, and kubectl on it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import binaries
from local.cluster import EmbeddedCluster

PROJECT = Path(__file__).parent.parent.parent
Kubectl = Callable[..., Any]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    made = EmbeddedCluster(tmp_path_factory.mktemp("cluster") / "kwok", ["zone-a", "zone-b", "zone-c"])
    made.start()
    yield made
    made.delete()


@pytest.fixture(scope="session")
def kubectl(cluster: EmbeddedCluster) -> Kubectl:
    program = binaries.ensure(print, ["kubectl"])["kubectl"]

    def call(*words: str, stdin: str | None = None, check: bool = True) -> Any:
        done = subprocess.run([str(program), "--kubeconfig", str(cluster.kubeconfig), *words], input=stdin, text=True,
                              capture_output=True, check=False)
        if check:
            assert done.returncode == 0, done.stderr
        if "json" in words:
            return json.loads(done.stdout)
        return done

    return call
