"""Escape hatches on the real engine: a pod template, a transform that reaches every child, and an Ingress."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from tests.engine.conftest import Project, counts, stored_resources
from tests.support.pod_templates import container, own, sidecar

Kubectl = Callable[..., subprocess.CompletedProcess[str]]
TRANSFORM = """
def annotated(args):
    if not args.type_.startswith("kubernetes:") or args.type_.endswith("Patch"):
        return None
    metadata = {**(args.props.get("metadata") or {})}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), "example.org/team": "shop"}
    return pulumi.ResourceTransformResult({**args.props, "metadata": metadata}, args.opts)


async def main() -> Mapping[str, Any]:"""


def add_transform(project: Project) -> None:
    """Add a transform to the program."""
    program = project.folder / "__main__.py"
    text = program.read_text().replace("\nasync def main() -> Mapping[str, Any]:", TRANSFORM)
    program.write_text(
        text.replace("providers=[cluster.provider])", "providers=[cluster.provider], transforms=[annotated])")
    )
    assert program.read_text().count("annotated") == 2


def additions() -> dict[str, Any]:
    """Return settings of a pod template."""
    template = own(
        env=[{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        volumeMounts=[{"name": "cache", "mountPath": "/cache"}],
    )
    template["podTemplate"]["spec"] |= {
        "initContainers": [container(name="prepare"), sidecar()],
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "16Mi"}}],
    }
    return template


@pytest.fixture(scope="module")
def deployed(project: Project) -> Iterator[auto.Stack]:
    """The stack with a pod template and a transform."""
    add_transform(project)
    project.use_short_deadlines()
    project.backend.update({**additions(), "health": {"startupSeconds": 5, "initSeconds": 5}})
    stack = project.stack()
    stack.up()
    yield stack
    stack.destroy()


def test_a_pod_with_a_template_starts_and_is_verified_without_further_changes(
    project: Project, deployed: auto.Stack
) -> None:
    stored = project.kubectl("get", "deployment", "backend-service", "-o", "json")
    pod = stored["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["initContainers"]] == ["prepare", "proxy"]
    assert [one["name"] for one in pod["volumes"]] == ["tmp", "cache"]
    assert pod["containers"][0]["env"][0]["name"] == "NODE"
    assert stored["status"]["readyReplicas"] == 3
    assert set(deployed.preview().change_summary) == {"same"}


def test_the_transform_reaches_every_child(deployed: auto.Stack) -> None:
    resources = stored_resources(deployed)
    objects = [one for one in resources if one["type"].startswith("kubernetes:")]
    assert len(objects) >= 11
    assert [
        one["urn"] for one in objects if one["inputs"]["metadata"]["annotations"].get("example.org/team") != "shop"
    ] == []


def test_a_change_of_the_template_replaces_neither_deployment_nor_service(
    project: Project, deployed: auto.Stack
) -> None:
    project.backend["podTemplate"]["spec"]["initContainers"][1]["image"] = "example.org/proxy:2"
    project.write()
    before = project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"]
    done = deployed.up()
    assert "replace" not in counts(done.summary.resource_changes)
    after = project.kubectl("get", "deployment", "backend-service", "-o", "json")
    assert after["metadata"]["uid"] == before
    assert after["spec"]["template"]["spec"]["initContainers"][1]["image"] == "example.org/proxy:2"


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[tuple[EmbeddedCluster, Kubectl]]:
    """A cluster that the stack does not own, with a controller that gives every Ingress an address."""
    cluster = EmbeddedCluster(tmp_path / "c", ["zone-a", "zone-b", "zone-c"])
    cluster.start()
    program, stop = binaries.ensure(print, ["kubectl"])["kubectl"], threading.Event()

    def kubectl(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), "--kubeconfig", str(cluster.kubeconfig), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def controller() -> None:
        address = json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}]}}})
        while not stop.wait(2):
            kubectl(
                "patch",
                "ingress",
                "backend-service",
                "-n",
                "backend-service",
                "--subresource=status",
                "--type=merge",
                "-p",
                address,
            )

    nginx = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "nginx"},
        "spec": {"controller": "example.org/nginx"},
    }
    assert kubectl("create", "-f", "-", stdin=json.dumps(nginx)).returncode == 0
    thread = threading.Thread(target=controller)
    thread.start()
    yield cluster, kubectl
    stop.set()
    thread.join()
    cluster.delete()


@pytest.mark.slow
def test_an_ingress_without_a_load_balancer(
    project: Project, deployed: auto.Stack, foreign: tuple[EmbeddedCluster, Kubectl]
) -> None:
    """After the stack on its own cluster, create everything on another one."""
    cluster, kubectl = foreign
    deployed.destroy()
    context = cluster.context
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(cluster.kubeconfig),
        "context": context,
    }
    project.backend.update(
        {
            "loadBalancer": {"enabled": False},
            "ingress": {"hosts": ["shop.example.com"], "className": "apache", "endpointUpdateSeconds": 5},
        }
    )
    stack = project.stack()
    with pytest.raises(Exception, match=r"'apache' is not an IngressClass of the cluster \(.*nginx"):
        stack.preview()
    project.backend["ingress"]["className"] = "nginx"
    project.write()
    done = stack.up()
    assert done.outputs["endpoint"].value == "http://shop.example.com"
    assert (
        json.loads(kubectl("get", "service", "backend-service", "-n", "backend-service", "-o", "json").stdout)["spec"][
            "type"
        ]
        == "ClusterIP"
    )
    assert set(stack.preview().change_summary) == {"same"}
    stack.destroy()
