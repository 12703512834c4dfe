"""A mesh that is missing, incomplete or too old is rejected with its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import ClusterFacts, conflicts, facts_from_settings
from components.availability.mesh_support import LINKERD, NO_MESH, MeshFacts
from components.settings import LocalCluster
from tests.support.fake_engine import backend
from tests.support.meshes import TRAFFIC_RULES

ISTIO = MeshFacts(
    frozenset({"sidecar.istio.io/inject=true", "istio.io/rev=canary"}),
    frozenset({"istio-cni-node", "ztunnel"}),
    "1.31.2",
)
LINKED = MeshFacts(frozenset({LINKERD}), frozenset({"linkerd-cni"}), "edge-26.8.3")
APIS = frozenset({"networking.istio.io", "metrics.k8s.io"})


def conflicts_of(facts: MeshFacts | None, mesh: str, apis: frozenset[str] = APIS, **options: Any) -> list[str]:
    result = conflicts(backend(mesh=mesh, meshOptions=options), ClusterFacts(("a", "b", "c"), 3, apis=apis, mesh=facts))
    return [f"{one.key}: {one.text}" for one in result]


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
def test_an_installed_or_hidden_mesh_is_accepted(mesh: str, facts: MeshFacts | None) -> None:
    assert conflicts_of(facts, mesh, **({} if mesh != "istio" else TRAFFIC_RULES)) == []


@pytest.mark.parametrize(
    ("mesh", "facts", "options", "text"),
    [
        (
            "istio",
            NO_MESH,
            {},
            "mesh: leaves pods without a proxy: no webhook of the cluster injects one into pods with "
            "sidecar.istio.io/inject=true: install Istio",
        ),
        (
            "istio",
            MeshFacts(frozenset({"istio.io/rev=b", "istio.io/rev=a"})),
            {},
            "or set meshOptions.revision to one that is installed: a, b",
        ),
        ("istio", ISTIO, {"revision": "old"}, "meshOptions.revision: leaves pods without a proxy"),
        ("linkerd", ISTIO, {}, "pods with linkerd.io/inject=enabled: install Linkerd"),
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
def test_a_mesh_that_does_not_fit_is_rejected_with_its_remedy(
    mesh: str, facts: MeshFacts, options: dict[str, Any], text: str
) -> None:
    (result,) = conflicts_of(facts, mesh, **options)
    assert text in result


def test_traffic_rules_without_effect_are_rejected() -> None:
    keys = [
        one.partition(": ")[0] for one in conflicts_of(ISTIO, "istio", frozenset({"metrics.k8s.io"}), **TRAFFIC_RULES)
    ]
    assert keys == ["meshOptions.retryAttempts", "meshOptions.outlierDetection.consecutiveFailures"]


def test_an_embedded_cluster_has_no_mesh() -> None:
    result = conflicts(backend(mesh="linkerd"), facts_from_settings(LocalCluster.model_validate({"kind": "local"})))
    assert [one.key for one in result] == ["mesh"]
