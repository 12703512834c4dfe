"""The ways out of the settings, on the real engine: additions to the pod, a transform that reaches every child, an Ingress."""

from __future__ import annotations

import json
import subprocess
import threading

import pytest

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from tests.support.pod_templates import container, own, sidecar

TRANSFORM = """
def annotated(args):
    if not args.type_.startswith("kubernetes:") or args.type_.endswith("Patch"):
        return None
    metadata = {**(args.props.get("metadata") or {})}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), "example.org/team": "shop"}
    return pulumi.ResourceTransformResult({**args.props, "metadata": metadata}, args.opts)


async def main() -> None:"""


def transformed(project):
    program = project.folder / "__main__.py"
    text = program.read_text().replace("\nasync def main() -> None:", TRANSFORM)
    program.write_text(
        text.replace("providers=[cluster.provider])", "providers=[cluster.provider], transforms=[annotated])")
    )
    assert program.read_text().count("annotated") == 2


def added():
    more = own(
        env=[{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        volumeMounts=[{"name": "cache", "mountPath": "/cache"}],
    )
    more["podTemplate"]["spec"] |= {
        "initContainers": [container(name="prepare"), sidecar()],
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "16Mi"}}],
    }
    return more


@pytest.fixture(scope="module")
def deployed(project):
    transformed(project)
    project.impatient()
    project.backend.update({**added(), "health": {"startupSeconds": 5, "initSeconds": 5}})
    made = project.stack()
    made.up()
    yield made
    made.destroy()


def test_a_pod_with_additions_comes_up_and_is_proven_and_nothing_more_is_to_be_done(project, deployed):
    stored = project.kubectl("get", "deployment", "backend-service", "-o", "json")
    pod = stored["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["initContainers"]] == ["prepare", "proxy"]
    assert [one["name"] for one in pod["volumes"]] == ["tmp", "cache"]
    assert pod["containers"][0]["env"][0]["name"] == "NODE"
    assert stored["status"]["readyReplicas"] == 3
    assert set(deployed.preview().change_summary) == {"same"}


def test_the_transform_has_reached_every_child(deployed):
    resources = deployed.export_stack().deployment["resources"]
    made = [one for one in resources if one["type"].startswith("kubernetes:")]
    assert len(made) >= 11
    assert [
        one["urn"] for one in made if one["inputs"]["metadata"]["annotations"].get("example.org/team") != "shop"
    ] == []


def test_a_change_of_what_is_added_replaces_neither_deployment_nor_service(project, deployed):
    project.backend["podTemplate"]["spec"]["initContainers"][1]["image"] = "example.org/proxy:2"
    project.write()
    before = project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"]
    done = deployed.up()
    assert "replace" not in done.summary.resource_changes
    after = project.kubectl("get", "deployment", "backend-service", "-o", "json")
    assert after["metadata"]["uid"] == before
    assert after["spec"]["template"]["spec"]["initContainers"][1]["image"] == "example.org/proxy:2"


@pytest.fixture
def theirs(tmp_path):
    """A cluster of somebody else's, with a controller that gives every Ingress an address."""
    made = EmbeddedCluster(tmp_path / "c", ["zone-a", "zone-b", "zone-c"])
    made.start()
    program, stop = binaries.ensure(print, ["kubectl"])["kubectl"], threading.Event()

    def kubectl(*words, stdin=None):
        return subprocess.run(
            [str(program), "--kubeconfig", str(made.kubeconfig), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def controller():
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
    runs = threading.Thread(target=controller)
    runs.start()
    yield made, kubectl
    stop.set()
    runs.join()
    made.delete()


def test_an_ingress_without_a_load_balancer(project, deployed, theirs):
    """After the stack on its own cluster: everything is made anew on theirs."""
    cluster, kubectl = theirs
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
    with pytest.raises(Exception, match="'apache' is not an IngressClass of the cluster; there: nginx"):
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
