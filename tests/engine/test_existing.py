"""A cluster that somebody else runs: refused when it does not answer, and an update killed on it is gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
import yaml

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, project):
    """Their cluster is an embedded one that this project's stack knows nothing of."""
    made = EmbeddedCluster(tmp_path_factory.mktemp("theirs") / "c", ["zone-a", "zone-b", "zone-c"])
    made.start()
    context = made.context
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(made.kubeconfig),
        "context": context,
        "zones": ["zone-a", "zone-b", "zone-c"],
    }
    project.write()
    yield made
    made.delete()


def kubectl(cluster, *words):
    program = binaries.ensure(print, ["kubectl"])["kubectl"]
    return subprocess.run(
        [str(program), "--kubeconfig", str(cluster.kubeconfig), *words], capture_output=True, text=True, check=False
    )


def test_a_cluster_that_does_not_answer_is_refused_before_anything_is_made(project):
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
    # The program itself refuses as well, for whoever runs `pulumi up`.
    stack = project.stack()
    with pytest.raises(Exception, match="does not answer") as refused:
        stack.up()
    assert "Traceback" not in str(refused.value)
    created = [r["type"] for r in stack.export_stack().deployment.get("resources", [])]
    assert set(created) <= {"pulumi:pulumi:Stack"}


def test_an_update_killed_half_way_is_gone_on_with_though_objects_exist_already(project, theirs):
    begun = project.begin_make_up()
    deadline = time.monotonic() + 120
    while kubectl(theirs, "get", "deployment", "backend-service", "-n", "backend-service").returncode != 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(begun.pid, signal.SIGKILL)  # it exists, and the engine has not heard of it
    begun.wait()
    uid = kubectl(
        theirs, "get", "deployment", "backend-service", "-n", "backend-service", "-o", "jsonpath={.metadata.uid}"
    ).stdout

    again = project.make("up")
    assert again.returncode == 0, again.stdout[:9000]
    found = json.loads(
        kubectl(theirs, "get", "deployment", "backend-service", "-n", "backend-service", "-o", "json").stdout
    )
    assert found["metadata"]["uid"] == uid and found["status"]["readyReplicas"] == 3

    ended = project.make("destroy")
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert kubectl(theirs, "get", "namespace", "backend-service").returncode != 0
    assert theirs.healthy()


def test_somebody_elses_namespace_is_not_taken_over(project, theirs):
    assert kubectl(theirs, "create", "namespace", "backend-service").returncode == 0
    done = project.make("up")
    assert done.returncode != 0 and "already exists" in done.stdout + done.stderr
    assert kubectl(theirs, "get", "namespace", "backend-service").returncode == 0
    project.make("destroy")
    assert kubectl(theirs, "get", "namespace", "backend-service").returncode == 0
