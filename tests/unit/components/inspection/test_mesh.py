"""Whether a mesh is there, and new enough: asked of the cluster, and told with its remedy before anything is changed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from components.availability import ClusterFacts, conflicts, stated
from components.availability.mesh import LINKERD, NO_MESH, MeshFacts
from components.inspection.client import Client
from components.inspection.mesh import mesh_of
from components.settings import LocalCluster
from tests.support.fake_api_client import Answering
from tests.support.fake_engine import backend
from tests.unit.components.availability.test_mesh import TRAFFIC

ISTIO = MeshFacts(
    frozenset({"sidecar.istio.io/inject=true", "istio.io/rev=canary"}),
    frozenset({"istio-cni-node", "ztunnel"}),
    "1.31.2",
)
LINKED = MeshFacts(frozenset({LINKERD}), frozenset({"linkerd-cni"}), "edge-26.8.3")
APIS = frozenset({"networking.istio.io", "metrics.k8s.io"})


def told(facts: MeshFacts | None, mesh: str, apis: frozenset[str] = APIS, **options: Any) -> list[str]:
    found = conflicts(backend(mesh=mesh, meshOptions=options), ClusterFacts(("a", "b", "c"), 3, apis=apis, mesh=facts))
    return [f"{one.key}: {one.text}" for one in found]


@pytest.mark.parametrize(
    ("mesh", "facts"),
    [
        ("istio", ISTIO),
        ("istio-ambient", ISTIO),
        ("linkerd", LINKED),
        ("istio", None),
        ("istio", MeshFacts()),
        ("linkerd", MeshFacts(LINKED.injected, None, "enterprise-2.19.1-0")),
        ("istio", MeshFacts(ISTIO.injected, None, "asm-managed")),
        ("none", NO_MESH),
    ],
)
def test_a_mesh_that_is_there_or_cannot_be_seen_is_taken(mesh: str, facts: MeshFacts | None) -> None:
    assert told(facts, mesh, **({} if mesh != "istio" else TRAFFIC)) == []


@pytest.mark.parametrize(
    ("mesh", "facts", "options", "text"),
    [
        (
            "istio",
            NO_MESH,
            {},
            "mesh: would leave pods without a proxy: nothing on the cluster gives one to pods with "
            "sidecar.istio.io/inject=true: install Istio there",
        ),
        (
            "istio",
            MeshFacts(frozenset({"istio.io/rev=b", "istio.io/rev=a"})),
            {},
            "or set meshOptions.revision to one that is there: a, b",
        ),
        ("istio", ISTIO, {"revision": "old"}, "meshOptions.revision: would leave pods without a proxy"),
        ("linkerd", ISTIO, {}, "pods with linkerd.io/inject=enabled: install Linkerd there"),
        (
            "istio",
            MeshFacts(ISTIO.injected, frozenset()),
            {},
            "no DaemonSet istio-cni-node, without which a pod's proxy needs NET_ADMIN",
        ),
        ("linkerd", MeshFacts(LINKED.injected, frozenset()), {}, "install Linkerd with its CNI plugin"),
        (
            "istio-ambient",
            MeshFacts(None, frozenset({"istio-cni-node"})),
            {},
            "no DaemonSet ztunnel, which carries the traffic",
        ),
        (
            "istio",
            MeshFacts(ISTIO.injected, None, "1.23.9"),
            {},
            "needs version 1.24 or later, and 1.23.9 is installed",
        ),
        ("linkerd", MeshFacts(LINKED.injected, None, "stable-2.14.10"), {}, "needs version 2.19 or later"),
        ("linkerd", MeshFacts(LINKED.injected, None, "edge-25.10.1"), {}, "edge-25.10.1 is installed"),
    ],
)
def test_a_mesh_that_is_not_is_told_with_its_remedy(
    mesh: str, facts: MeshFacts, options: dict[str, Any], text: str
) -> None:
    (found,) = told(facts, mesh, **options)
    assert text in found


def test_rules_that_nobody_would_read_are_refused() -> None:
    keys = [one.partition(": ")[0] for one in told(ISTIO, "istio", frozenset({"metrics.k8s.io"}), **TRAFFIC)]
    assert keys == ["meshOptions.retryAttempts", "meshOptions.outlierDetection.consecutiveFailures"]


def test_an_embedded_cluster_has_none() -> None:
    found = conflicts(backend(mesh="linkerd"), stated(LocalCluster.model_validate({"kind": "local"})))
    assert [one.key for one in found] == ["mesh"]


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


def answering(**answers: list[Any]) -> Client:
    """Answers by the last word of a path in Istio's namespace, or without any."""
    paths = {
        "deployments": "apps/v1/namespaces/istio-system/deployments",
        "daemonsets": "apps/v1/daemonsets",
        "mutatingwebhookconfigurations": "admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "linkerd": "apps/v1/namespaces/linkerd/deployments",
    }
    return cast(Client, Answering(**{f"/apis/{paths[name]}": {"items": found} for name, found in answers.items()}))


def test_what_is_there_is_asked_of_the_cluster() -> None:
    inject, rev, ours = "sidecar.istio.io/inject", "istio.io/rev", "object.sidecar-injector.istio.io"
    hooks = [
        {"metadata": {"name": name}, "webhooks": found}
        for name, found in {
            "istio": [
                hook(ours, (inject, "In", ["true"]), (rev, "DoesNotExist", [])),
                hook(f"rev.{ours}", (inject, "NotIn", ["false"]), (rev, "In", ["b"])),
            ],
            "other": [hook("other.example.org", ("a", "In", ["b"])), {"name": "plain.example.org"}],
            "linkerd": [{"name": "linkerd-proxy-injector.linkerd.io"}],
            "none": None,
        }.items()
    ]
    client = answering(
        mutatingwebhookconfigurations=hooks,
        daemonsets=[{"metadata": {"name": "ztunnel"}}],
        deployments=[deployment(app="other"), deployment(app="istiod")],
    )
    assert mesh_of(client, backend(mesh="istio")) == MeshFacts(
        frozenset({"sidecar.istio.io/inject=true", "istio.io/rev=b", LINKERD}), frozenset({"ztunnel"}), "1.30.1"
    )
    assert mesh_of(client, backend(mesh="istio", meshOptions={"revision": "b"})).version is None
    assert mesh_of(client, backend(mesh="linkerd")).version is None


def test_a_version_is_what_the_chart_labels() -> None:
    linkerd = deployment(
        **{"linkerd.io/control-plane-component": "destination", "app.kubernetes.io/version": "edge-26.8.3"}
    )
    istio = deployment(app="istiod", **{"istio.io/rev": "b", "app.kubernetes.io/version": "1.31.0"})
    client = answering(linkerd=[deployment(), linkerd], deployments=[istio])
    assert mesh_of(client, backend(mesh="linkerd")).version == "edge-26.8.3"
    assert mesh_of(client, backend(mesh="istio", meshOptions={"revision": "b"})).version == "1.31.0"


def test_what_may_not_be_seen_stays_unknown() -> None:
    assert mesh_of(answering(), backend(mesh="istio")) == MeshFacts()
