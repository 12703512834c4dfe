"""Ingress settings that a cluster cannot serve."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, conflicts, facts_from_settings
from components.settings import LocalCluster
from tests.support.fake_engine import backend
from tests.support.problems import Values

CLASSES = {"nginx": False, "traefik": True}


@pytest.mark.parametrize(
    ("values", "facts", "key", "text"),
    [
        (
            {"ingress": {"hosts": ["a.b"], "className": "x"}},
            {"ingress_classes": CLASSES},
            "ingress.className",
            "'x' is not an IngressClass of the cluster (available: nginx, traefik)",
        ),
        (
            {"ingress": {"hosts": ["a.b"]}},
            {"ingress_classes": {"nginx": False}},
            "ingress.hosts",
            "has no default IngressClass (available: nginx): set ingress.className",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}]}},
            {"apis": frozenset({"metrics.k8s.io"})},
            "route.parentRefs",
            "does not serve gateway.networking.k8s.io: install the Gateway API",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 2}}},
            {"route_fields": frozenset({"timeouts"})},
            "route.retry.attempts",
            "2 is not supported: the cluster's HTTPRoute has no field retry: install the experimental channel",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}], "backendTimeoutSeconds": 2}},
            {"route_fields": frozenset({"matches"})},
            "route.backendTimeoutSeconds",
            "has no field timeouts: install Gateway API 1.2 or later",
        ),
    ],
)
def test_ingress_that_no_controller_serves_is_rejected(values: Values, facts: Any, key: str, text: str) -> None:
    (conflict,) = conflicts(backend(**values), ClusterFacts(("a", "b", "c"), **facts))
    assert conflict.key == key
    assert text in f"{conflict.value!r} {conflict.text}"
    assert not conflicts(backend(**values), ClusterFacts(("a", "b", "c")))


def test_an_embedded_cluster_has_only_its_load_balancer() -> None:
    values = backend(ingress={"hosts": ["a.b"]}, route={"parentRefs": [{"name": "x"}]})
    assert [one.key for one in conflicts(values, facts_from_settings(LocalCluster(kind="local")))] == [
        "ingress.hosts",
        "route.parentRefs",
    ]
    assert not conflicts(values, UNKNOWN)
