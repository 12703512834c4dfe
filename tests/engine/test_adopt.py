"""A plain Deployment and its Service, deployed with kubectl, are taken over: nothing is replaced, and no endpoint is lost.

The tests of this file are one life, in the order of the file.
"""

from __future__ import annotations

import json
import string
import subprocess
from pathlib import Path

import pytest
import yaml

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from components.inspection.client import Client
from tests.engine.conftest import Watch

PLAIN = Path(__file__).parent.parent.parent / "lab" / "testbed" / "baselines" / "plain.yaml"
NAME = "backend-service"
PODS = 6  # their autoscaler's least; the manifest says 3
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
def theirs(tmp_path_factory, project):
    """Their cluster is an embedded one that this project's stack knows nothing of."""
    made = EmbeddedCluster(tmp_path_factory.mktemp("theirs") / "c", ["zone-a", "zone-b", "zone-c"])
    made.start()
    context = made.context
    project.impatient()
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(made.kubeconfig),
        "context": context,
    }
    project.backend.update(
        replicas=PODS,
        autoscaling={"maxReplicas": 9},
        loadBalancer={"healthCheckSeconds": 2},
        shutdown={"deregistrationSeconds": 5, "drainSeconds": 1},
    )
    yield made
    made.delete()


def kubectl(cluster, *words, stdin=None):
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


def deploy(cluster):
    """The plain manifest, applied by kubectl in both of its ways, and an autoscaler; a container named otherwise than ours."""
    text = string.Template(PLAIN.read_text()).substitute(
        name=NAME, namespace=NAME, image="example.org/shop/web:1", cpu="250m"
    )
    namespace, service, deployment = yaml.safe_load_all(text)
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    only |= {"name": "web", "env": [{"name": "COLOUR", "value": "blue"}]}
    kubectl(cluster, "apply", "-f", "-", stdin=yaml.safe_dump_all([namespace, deployment]))
    kubectl(cluster, "apply", "--server-side", "-f", "-", stdin=yaml.safe_dump_all([service, SCALER]))
    kubectl(cluster, "wait", "deployment", NAME, f"--for=jsonpath={{.status.readyReplicas}}={PODS}", "--timeout=90s")


def uids(cluster):
    """Of the pods that are not on their way out."""
    pods = kubectl(cluster, "get", "pods", "-o", "json")["items"]
    return {pod["metadata"]["uid"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}


def pair(cluster):
    return [kubectl(cluster, "get", kind, NAME, "-o", "json") for kind in ("deployment", "service")]


def succeeded(done):
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def test_what_cannot_be_taken_over_is_told_before_anything_is_changed(project, theirs):
    deploy(theirs)
    project.backend.update(selector={"app": "other"}, servicePort=81)
    project.write()
    done = project.make("adopt")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    for told in (
        f"for life: set it to {{app: '{NAME}'}}",
        "servicePort: 81, and clients use port 80",
        "Nothing was changed.",
    ):
        assert told in done.stderr
    assert not list((project.folder / ".ha-backend").rglob("dev.json"))


def test_what_runs_is_taken_over_and_released_without_losing_an_endpoint(project, theirs):
    project.backend.update(selector={"app": NAME}, servicePort=80)
    project.write()
    ran, (deployment, service) = uids(theirs), pair(theirs)

    told = succeeded(project.make("adopt"))
    assert uids(theirs) == ran and pair(theirs) == [deployment, service], told

    preview = json.loads(succeeded(project.make("preview", "ARGS=--json")))
    ops = {step["urn"].split("$")[-1].split("::")[0].rpartition(":")[2]: step["op"] for step in preview["steps"]}
    assert {ops[kind] for kind in ("Namespace", "Deployment", "Service", "HorizontalPodAutoscaler")} == {"update"}
    assert not [op for op in ops.values() if "replace" in op or "delete" in op]
    assert uids(theirs) == ran

    with Watch(Client(theirs.kubeconfig.read_text())) as watch:
        succeeded(project.make("up"))
    assert watch.least_endpoints >= PODS
    assert min(watch.numbers) >= PODS
    after, led = pair(theirs)
    (only,) = after["spec"]["template"]["spec"]["containers"]
    assert only["name"] == "backend" and "env" not in only
    assert (
        after["metadata"]["uid"] == deployment["metadata"]["uid"]
        and led["metadata"]["uid"] == service["metadata"]["uid"]
    )
    assert led["spec"]["clusterIP"] == service["spec"]["clusterIP"]
    assert [port["nodePort"] for port in led["spec"]["ports"]] == [
        port["nodePort"] for port in service["spec"]["ports"]
    ]
    assert not uids(theirs) & ran
    assert (
        kubectl(theirs, "get", "namespace", NAME, "-o", "json")["metadata"]["labels"][
            "pod-security.kubernetes.io/enforce"
        ]
        == "restricted"
    )


def test_then_it_is_a_stack_like_any_other(project, theirs):
    succeeded(project.make("preview", "ARGS=--expect-no-changes"))
    succeeded(project.make("destroy"))
