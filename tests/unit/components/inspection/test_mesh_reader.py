"""Reading what a cluster has of a service mesh."""

from __future__ import annotations

from typing import Any, cast

from components.availability.mesh_support import LINKERD, MeshFacts
from components.inspection.client import Client
from components.inspection.mesh_reader import read_mesh_facts
from tests.support.fake_api_client import FakeApiClient
from tests.support.fake_engine import backend


def hook(name: str, *chosen: tuple[str, str, list[str]]) -> dict[str, Any]:
    return {
        "name": name,
        "objectSelector": {
            "matchExpressions": [
                {"key": key, "operator": operator, **({"values": values} if values else {})}
                for key, operator, values in chosen
            ]
        },
    }


def deployment(image: str = "docker.io/istio/pilot:1.30.1", **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "x", "labels": labels},
        "spec": {"template": {"spec": {"containers": [{"image": image}]}}},
    }


def client_with(**lists: list[Any]) -> Client:
    """Return a client that responds by the plural in a path."""
    paths = {
        "deployments": "apps/v1/namespaces/istio-system/deployments",
        "daemonsets": "apps/v1/daemonsets",
        "mutatingwebhookconfigurations": "admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "linkerd": "apps/v1/namespaces/linkerd/deployments",
    }
    return cast(
        Client, FakeApiClient(**{f"/apis/{paths[name]}": {"items": objects} for name, objects in lists.items()})
    )


def test_the_mesh_is_read_from_the_cluster() -> None:
    inject, rev, ours = "sidecar.istio.io/inject", "istio.io/rev", "object.sidecar-injector.istio.io"
    hooks = [
        {"metadata": {"name": name}, "webhooks": objects}
        for name, objects in {
            "istio": [
                hook(ours, (inject, "In", ["true"]), (rev, "DoesNotExist", [])),
                hook(f"rev.{ours}", (inject, "NotIn", ["false"]), (rev, "In", ["b"])),
            ],
            "other": [hook("other.example.org", ("a", "In", ["b"])), {"name": "plain.example.org"}],
            "linkerd": [{"name": "linkerd-proxy-injector.linkerd.io"}],
            "none": None,
        }.items()
    ]
    client = client_with(
        mutatingwebhookconfigurations=hooks,
        daemonsets=[{"metadata": {"name": "ztunnel"}}],
        deployments=[deployment(app="other"), deployment(app="istiod")],
    )
    assert read_mesh_facts(client, backend(mesh="istio")) == MeshFacts(
        frozenset({"sidecar.istio.io/inject=true", "istio.io/rev=b", LINKERD}), frozenset({"ztunnel"}), "1.30.1"
    )
    assert read_mesh_facts(client, backend(mesh="istio", meshOptions={"revision": "b"})).version is None
    assert read_mesh_facts(client, backend(mesh="linkerd")).version is None


def test_the_version_is_the_label_that_charts_set() -> None:
    linkerd = deployment(
        **{"linkerd.io/control-plane-component": "destination", "app.kubernetes.io/version": "edge-26.8.3"}
    )
    istio = deployment(app="istiod", **{"istio.io/rev": "b", "app.kubernetes.io/version": "1.31.0"})
    client = client_with(linkerd=[deployment(), linkerd], deployments=[istio])
    assert read_mesh_facts(client, backend(mesh="linkerd")).version == "edge-26.8.3"
    assert read_mesh_facts(client, backend(mesh="istio", meshOptions={"revision": "b"})).version == "1.31.0"


def test_a_hidden_mesh_stays_unknown() -> None:
    assert read_mesh_facts(client_with(), backend(mesh="istio")) == MeshFacts()
