"""An existing cluster: rejected if it does not answer, and an update killed on it can be continued."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
import yaml

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from tests.engine.conftest import Project, stored_resources


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[EmbeddedCluster]:
    """A cluster that the stack does not own."""
    cluster = EmbeddedCluster(tmp_path_factory.mktemp("foreign") / "c", ["zone-a", "zone-b", "zone-c"])
    cluster.start()
    context = cluster.context
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(cluster.kubeconfig),
        "context": context,
        "zones": ["zone-a", "zone-b", "zone-c"],
    }
    project.write()
    yield cluster
    cluster.delete()


def kubectl(cluster: EmbeddedCluster, *words: str) -> subprocess.CompletedProcess[str]:
    program = binaries.ensure(print, ["kubectl"])["kubectl"]
    return subprocess.run(
        [str(program), "--kubeconfig", str(cluster.kubeconfig), *words], capture_output=True, text=True, check=False
    )


def test_a_cluster_that_does_not_answer_is_rejected_before_anything_is_created(project: Project) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": "gone", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {}}],
    }
    (project.folder / "gone.yaml").write_text(yaml.safe_dump(config))
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(project.folder / "gone.yaml"),
        "context": "gone",
    }
    project.write()
    for command in ("up", "preview"):
        done = project.make(command)
        output = done.stdout + done.stderr
        assert done.returncode != 0 and "does not answer" in output and "Traceback" not in output
    # The program itself rejects it too, for users of `pulumi up`.
    stack = project.stack()
    with pytest.raises(Exception, match="does not answer") as raised:
        stack.up()
    assert "Traceback" not in str(raised.value)
    created = [r["type"] for r in stored_resources(stack)]
    assert set(created) <= {"pulumi:pulumi:Stack"}


@pytest.mark.slow
def test_a_killed_update_continues_although_objects_exist(project: Project, foreign: EmbeddedCluster) -> None:
    running = project.start_make_up()
    deadline = time.monotonic() + 120
    while kubectl(foreign, "get", "deployment", "backend-service", "-n", "backend-service").returncode != 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)  # the object exists, and the engine does not know it
    running.wait()
    uid = kubectl(
        foreign, "get", "deployment", "backend-service", "-n", "backend-service", "-o", "jsonpath={.metadata.uid}"
    ).stdout

    again = project.make("up")
    assert again.returncode == 0, again.stdout[:9000]
    deployment = json.loads(
        kubectl(foreign, "get", "deployment", "backend-service", "-n", "backend-service", "-o", "json").stdout
    )
    assert deployment["metadata"]["uid"] == uid and deployment["status"]["readyReplicas"] == 3

    destroyed = project.make("destroy")
    assert destroyed.returncode == 0, destroyed.stdout[-3000:] + destroyed.stderr[-3000:]
    assert kubectl(foreign, "get", "namespace", "backend-service").returncode != 0
    assert foreign.healthy()


def test_a_foreign_namespace_is_not_adopted(project: Project, foreign: EmbeddedCluster) -> None:
    assert kubectl(foreign, "create", "namespace", "backend-service").returncode == 0
    done = project.make("up")
    assert done.returncode != 0 and "already exists" in done.stdout + done.stderr
    assert kubectl(foreign, "get", "namespace", "backend-service").returncode == 0
    project.make("destroy")
    assert kubectl(foreign, "get", "namespace", "backend-service").returncode == 0
