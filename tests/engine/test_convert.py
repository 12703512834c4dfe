"""Manifests are converted, what runs is adopted, and the first `up` replaces nothing of it or of its neighbors.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Project
from tests.engine.foreign_cluster import NAMESPACE, Foreign

pytestmark = pytest.mark.slow

INSIDE = {"name": "web", "namespace": NAMESPACE}
LABELS = {"app": "web"}
RBAC = "rbac.authorization.k8s.io"
CONTAINER = {
    "name": "server",
    "image": "registry.example.com/web:1.2.3",
    "args": ["--listen", ":8080"],
    "envFrom": [{"configMapRef": {"name": "web-config"}}],
    "env": [{"name": "COLOUR", "value": "blue"}],
    "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
}
MANIFEST: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**INSIDE, "name": "web-account"}},
    {
        "apiVersion": f"{RBAC}/v1",
        "kind": "Role",
        "metadata": INSIDE,
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
    },
    {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": INSIDE,
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "web"},
        "subjects": [{"kind": "ServiceAccount", "name": "web-account", "namespace": NAMESPACE}],
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**INSIDE, "name": "web-config"},
        "data": {"LEVEL": "info"},
    },
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**INSIDE, "labels": LABELS},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {"serviceAccountName": "web-account", "containers": [CONTAINER]},
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": INSIDE,
        "spec": {
            "selector": LABELS,
            "ports": [
                {"name": "http", "port": 80, "targetPort": "http"},
                {"name": "metrics", "port": 9090, "targetPort": "metrics"},
            ],
        },
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": INSIDE,
        "spec": {
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "shop.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "web", "port": {"name": "http"}}},
                            }
                        ]
                    },
                }
            ],
        },
    },
]
CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "nginx"},
    "spec": {"controller": "example.org/ingress"},
}
NEIGHBOR = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {**INSIDE, "name": "cache"},
    "spec": {
        "selector": {"matchLabels": {"app": "cache"}},
        "template": {
            "metadata": {"labels": {"app": "cache"}},
            "spec": {"containers": [{"name": "cache", "image": "registry.example.com/cache:1.0.0"}]},
        },
    },
}
KINDS = ("deployment", "service", "ingress", "role", "rolebinding")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """A cluster where the service and its neighbor run."""
    made = Foreign(tmp_path_factory.mktemp("foreign"))
    try:
        made.kubectl("create", "namespace", NAMESPACE)
        for one in (CLASS, *MANIFEST, NEIGHBOR):
            made.kubectl("apply", "-f", "-", stdin=one)
        # The address that an Ingress controller would write: the engine waits for one.
        status = '{"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}'
        made.kubectl(
            *("patch", "ingress", "web", "-n", NAMESPACE, "--subresource=status", "--type=merge", "-p", status)
        )
        for name in ("web", "cache"):
            made.kubectl("rollout", "status", f"deployment/{name}", "-n", NAMESPACE, "--timeout=90s")
        yield made
    finally:
        made.cluster.delete()


def identities(foreign: Foreign) -> dict[str, str]:
    """Return the UID of each object of the service, and of its account."""
    found = {kind: foreign.kubectl("get", kind, "web", "-n", NAMESPACE, "-o", "json") for kind in KINDS}
    found["account"] = foreign.kubectl("get", "serviceaccount", "web-account", "-n", NAMESPACE, "-o", "json")
    return {kind: json.loads(text)["metadata"]["uid"] for kind, text in found.items()}


def pods(foreign: Foreign, app: str) -> set[str]:
    """Return the UIDs of the pods of an app that are not terminating."""
    listed = json.loads(foreign.kubectl("get", "pods", "-n", NAMESPACE, "-l", f"app={app}", "-o", "json"))["items"]
    return {pod["metadata"]["uid"] for pod in listed if "deletionTimestamp" not in pod["metadata"]}


def test_a_manifest_becomes_the_stack_file(foreign: Foreign, project: Project) -> None:
    (project.folder / "web.yaml").write_text(yaml.safe_dump_all(MANIFEST))
    done = project.make("convert", "FILE=web.yaml")
    assert done.returncode == 0, done.stderr
    config = yaml.safe_load((project.folder / "converted" / "Pulumi.web.yaml").read_text())["config"]
    project.settings.clear()
    project.settings.update(config)
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(foreign.cluster.kubeconfig),
        "context": foreign.cluster.context,
    }
    project.write()


def test_what_runs_is_adopted_as_it_runs(foreign: Foreign, project: Project) -> None:
    before, running = identities(foreign), pods(foreign, "web")
    done = project.make("adopt")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    for adopted in ("Deployment web", "Service web", "ServiceAccount web-account", "Ingress web", "Role web"):
        assert f"  {adopted}\n" in done.stdout + done.stderr
    assert identities(foreign) == before and pods(foreign, "web") == running


def test_the_first_update_replaces_no_object_and_leaves_the_neighbor_alone(foreign: Foreign, project: Project) -> None:
    before, neighbor = identities(foreign), pods(foreign, "cache")
    done = project.make("up")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    assert identities(foreign) == before and pods(foreign, "cache") == neighbor
    deployment = json.loads(foreign.kubectl("get", "deployment", "web", "-n", NAMESPACE, "-o", "json"))
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    assert only["name"] == "backend" and only["args"] == CONTAINER["args"] and only["envFrom"] == CONTAINER["envFrom"]
    done = project.make("preview", "ARGS=--expect-no-changes")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_what_others_use_survives_the_end_of_the_stack(foreign: Foreign, project: Project) -> None:
    neighbor = pods(foreign, "cache")
    done = project.make("destroy")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert pods(foreign, "cache") == neighbor and not pods(foreign, "web")
    foreign.kubectl("get", "configmap", "web-config", "-n", NAMESPACE)
