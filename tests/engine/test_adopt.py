"""A plain Deployment and its Service, deployed with kubectl, are adopted: nothing is replaced, and no endpoint is lost.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from components.inspection.client import Client
from tests.engine.conftest import Project, Watch

PLAIN = Path(__file__).parent.parent.parent / "lab" / "testbed" / "baselines" / "plain.yaml"
NAME = "backend-service"
PODS = 6  # minReplicas of the autoscaler; the manifest has 3
SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": NAME, "namespace": NAME},
    "spec": {
        "minReplicas": PODS,
        "maxReplicas": 8,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME},
    },
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[EmbeddedCluster]:
    """A cluster that the stack does not own."""
    cluster = EmbeddedCluster(tmp_path_factory.mktemp("foreign") / "c", ["zone-a", "zone-b", "zone-c"])
    cluster.start()
    context = cluster.context
    project.use_short_deadlines()
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(cluster.kubeconfig),
        "context": context,
    }
    project.backend.update(
        replicas=PODS,
        autoscaling={"maxReplicas": 9},
        loadBalancer={"healthCheckSeconds": 2},
        shutdown={"deregistrationSeconds": 5, "drainSeconds": 1},
    )
    yield cluster
    cluster.delete()


def kubectl(cluster: EmbeddedCluster, *words: str, stdin: str | None = None) -> Any:
    program = binaries.ensure(print, ["kubectl"])["kubectl"]
    done = subprocess.run(
        [str(program), "--kubeconfig", str(cluster.kubeconfig), "-n", NAME, *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "json" in words else done.stdout


def deploy(cluster: EmbeddedCluster) -> None:
    """Apply the plain manifest, client-side and server-side, with another container name, and an autoscaler."""
    text = string.Template(PLAIN.read_text()).substitute(
        name=NAME, namespace=NAME, image="example.org/shop/web:1", cpu="250m"
    )
    namespace, service, deployment = yaml.safe_load_all(text)
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    only |= {"name": "web", "env": [{"name": "COLOUR", "value": "blue"}]}
    kubectl(cluster, "apply", "-f", "-", stdin=yaml.safe_dump_all([namespace, deployment]))
    kubectl(cluster, "apply", "--server-side", "-f", "-", stdin=yaml.safe_dump_all([service, SCALER]))
    kubectl(cluster, "wait", "deployment", NAME, f"--for=jsonpath={{.status.readyReplicas}}={PODS}", "--timeout=90s")


def uids(cluster: EmbeddedCluster) -> set[str]:
    """Return the UIDs of the pods that are not terminating."""
    pods = kubectl(cluster, "get", "pods", "-o", "json")["items"]
    return {pod["metadata"]["uid"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}


def deployment_and_service(cluster: EmbeddedCluster) -> list[Any]:
    return [kubectl(cluster, "get", kind, NAME, "-o", "json") for kind in ("deployment", "service")]


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def test_reasons_against_adoption_are_reported_before_anything_changes(
    project: Project, foreign: EmbeddedCluster
) -> None:
    deploy(foreign)
    project.backend.update(selector={"app": "other"}, servicePort=81)
    project.write()
    done = project.make("adopt")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    for reason in (
        f"which is immutable: set it to {{app: '{NAME}'}}",
        "servicePort: 81 differs from port 80 of Service",
        "Nothing was changed.",
    ):
        assert reason in done.stderr
    assert not list((project.folder / ".ha-backend").rglob("dev.json"))


def test_a_running_backend_is_adopted_and_released_without_losing_an_endpoint(
    project: Project, foreign: EmbeddedCluster
) -> None:
    project.backend.update(selector={"app": NAME}, servicePort=80)
    project.write()
    running, (deployment, service) = uids(foreign), deployment_and_service(foreign)

    output = succeeded(project.make("adopt"))
    assert uids(foreign) == running and deployment_and_service(foreign) == [deployment, service], output

    preview = json.loads(succeeded(project.make("preview", "ARGS=--json")))
    ops = {step["urn"].split("$")[-1].split("::")[0].rpartition(":")[2]: step["op"] for step in preview["steps"]}
    assert {ops[kind] for kind in ("Namespace", "Deployment", "Service", "HorizontalPodAutoscaler")} == {"update"}
    assert not [op for op in ops.values() if "replace" in op or "delete" in op]
    assert uids(foreign) == running

    with Watch(Client(foreign.kubeconfig.read_text())) as watch:
        succeeded(project.make("up"))
    assert watch.least_endpoints >= PODS
    assert min(watch.replica_counts) >= PODS
    after, service_after = deployment_and_service(foreign)
    (only,) = after["spec"]["template"]["spec"]["containers"]
    assert only["name"] == "backend" and "env" not in only
    assert (
        after["metadata"]["uid"] == deployment["metadata"]["uid"]
        and service_after["metadata"]["uid"] == service["metadata"]["uid"]
    )
    assert service_after["spec"]["clusterIP"] == service["spec"]["clusterIP"]
    assert [port["nodePort"] for port in service_after["spec"]["ports"]] == [
        port["nodePort"] for port in service["spec"]["ports"]
    ]
    assert not uids(foreign) & running
    assert (
        kubectl(foreign, "get", "namespace", NAME, "-o", "json")["metadata"]["labels"][
            "pod-security.kubernetes.io/enforce"
        ]
        == "restricted"
    )


def test_after_the_adoption_it_is_a_stack_like_any_other(project: Project, foreign: EmbeddedCluster) -> None:
    succeeded(project.make("preview", "ARGS=--expect-no-changes"))
    succeeded(project.make("destroy"))
