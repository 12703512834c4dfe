"""A stack on real nodes with the real engine: pods in all zones answer, and nothing is left behind.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.devcluster import binaries, images, processes
from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import leftovers, requirements
from components.devcluster.nodes.backend import RealNodes
from tests.engine.conftest import Project


def _missing() -> str:
    try:
        requirements.check(nodes=3)
    except DevClusterError as error:
        return str(error)
    return ""


_WHY_NOT = _missing()
pytestmark = pytest.mark.skipif(bool(_WHY_NOT), reason=_WHY_NOT)


def real(project: Project) -> RealNodes:
    """Return the backend of the real nodes."""
    fleet = replace(project.cluster, real_nodes=True).node_backend
    assert isinstance(fleet, RealNodes)
    return fleet


@pytest.fixture(scope="module")
def stack(project: Project) -> Iterator[Project]:
    """The project with real nodes, not deployed yet."""
    project.settings["ha-backend:cluster"] = {"kind": "local", "nodes": "real"}
    project.backend.update(
        image=images.SAMPLES["podinfo"],
        resources={"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
    )
    yield project
    replace(project.cluster, real_nodes=True).delete()


def answering(endpoint: str) -> set[str]:
    """Return the pods that answer at the endpoint, over new connections."""
    names = set()
    for _ in range(30):
        with urllib.request.urlopen(f"{endpoint}/", timeout=5) as response:
            names.add(json.load(response)["hostname"])
    return names


def zones(project: Project) -> dict[str, str]:
    """Return the zone of each pod."""
    nodes = {
        node["metadata"]["name"]: node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for node in project.kubectl("get", "nodes", "-o", "json")["items"]
    }
    return {
        pod["metadata"]["name"]: nodes[pod["spec"]["nodeName"]]
        for pod in project.kubectl("get", "pods", "-o", "json")["items"]
    }


def test_an_image_that_the_nodes_lack_is_rejected_before_anything_is_created(stack: Project) -> None:
    before = stack.backend["image"]
    stack.backend["image"] = "ghcr.io/stefanprodan/podinfo:6.9.1"
    stack.write()
    done = stack.make("up")
    stack.backend["image"] = before
    assert done.returncode != 0
    assert (
        "ha-backend:backend.image: 'ghcr.io/stefanprodan/podinfo:6.9.1' is in no archive of cluster.images"
        in done.stderr
    )
    assert not stack.cluster.folder.exists()


def test_the_endpoint_answers_from_pods_in_all_zones(stack: Project) -> None:
    stack.write()
    done = stack.make("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Pods here are real: the address answers, from this machine only." in done.stdout
    [endpoint] = [line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith("output endpoint")]
    zone_of = zones(stack)
    pods = answering(endpoint)
    assert pods <= set(zone_of)
    assert {zone_of[pod] for pod in pods} == {"zone-a", "zone-b", "zone-c"}


def test_a_second_preview_is_empty(stack: Project) -> None:
    done = stack.make("preview", "ARGS=--expect-no-changes")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_running_cluster_loads_the_user_s_own_image(stack: Project) -> None:
    before = stack.kubectl("get", "namespace", "kube-system", "-o", "json")["metadata"]["uid"]
    binary = binaries.ensure(print, ["podinfo"])["podinfo"]
    images.write_archive(binary, "shop/web:2", stack.folder / "web.tar")
    stack.settings["ha-backend:cluster"]["images"] = ["web.tar"]
    stack.backend["image"] = "shop/web:2"
    stack.write()
    done = stack.make("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert stack.kubectl("get", "namespace", "kube-system", "-o", "json")["metadata"]["uid"] == before
    assert len(zones(stack)) >= 3


@pytest.mark.slow
def test_a_job_that_fails_names_its_exit_code_and_its_last_words(stack: Project) -> None:
    running = stack.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["template"]
    stack.backend["releaseJob"] = {"command": ["/podinfo", "--no-such-flag"], "timeoutSeconds": 60}
    stack.write()
    done = stack.make("up")
    output = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in output
    assert "container backend exited with 2 (Error): " in output and "get version number" in output, output
    assert stack.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["template"] == running

    stack.backend["releaseJob"] = {"command": ["/podinfo", "--help"], "timeoutSeconds": 60}
    stack.write()
    mended = stack.make("up")
    assert mended.returncode == 0, mended.stdout[-3000:] + mended.stderr[-3000:]
    del stack.backend["releaseJob"]


def test_simulated_nodes_replace_them(stack: Project) -> None:
    stack.settings["ha-backend:cluster"] = {"kind": "local"}
    stack.write()
    done = stack.make("up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Pods here are simulated" in done.stdout
    assert leftovers.remaining(real(stack).layout) == []
    nodes = stack.kubectl("get", "nodes", "-o", "json")["items"]
    assert {node["status"]["nodeInfo"]["osImage"] for node in nodes} == {"simulated"}


def test_destroy_leaves_nothing(stack: Project) -> None:
    done = stack.make("destroy")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert processes.of_cluster(stack.cluster.folder) == []
    assert leftovers.remaining(real(stack).layout) == []
    assert not (stack.folder / ".ha-backend").exists()
