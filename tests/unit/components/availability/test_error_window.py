"""How long requests may fail after each failure, and the source of each second."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, promise
from tests.support.fake_engine import backend
from tests.support.promises import THREE, rows

CLUSTER_POLICY: dict[str, Any] = {"loadBalancer": {"externalTrafficPolicy": "Cluster"}}


@pytest.mark.parametrize(
    ("settings", "pod", "node"),
    [
        ({}, 3 + 30, 30 + 1),
        ({"loadBalancer": {"healthCheckSeconds": 4}}, 3 + 4, 4 + 1),
        ({"loadBalancer": {"healthCheckSeconds": 300}}, 3 + 300, 300 + 1),
        (CLUSTER_POLICY, 3, 60 + 3),
        # The load balancer routes to the node itself until its own check fails, whatever the policy.
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster", "healthCheckSeconds": 61}}, 3, 60 + 3),
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster", "healthCheckSeconds": 90}}, 3, 90 + 1),
    ],
)
def test_how_long_requests_may_fail(settings: dict[str, Any], pod: int, node: int) -> None:
    assert {failure: row["errorWindowSeconds"] for failure, row in rows(**settings).items()} == {
        "pod": pod,
        "hang": 2 * 5 + 2 + pod,
        "node": node,
        "zone": node,
        "drain": 0,
        "rollout": 0,
        "release": 0,
    }


@pytest.mark.parametrize("settings", [{}, CLUSTER_POLICY, {"replicas": 7}])
def test_the_terms_of_an_error_window_add_up_and_name_their_sources(settings: dict[str, Any]) -> None:
    result = promise(backend(**settings), THREE)
    for survival in result.survivals:
        assert survival.error_window_seconds == sum(term.seconds for term in survival.error_window)
        sources = result.as_output()[survival.failure]["errorWindowSources"]
        assert [int(source.split()[0]) for source in sources] == [term.seconds for term in survival.error_window]
        assert all(re.fullmatch(r"\d+ s \S.* \(\S.*\)", source) for source in sources)


def test_with_policy_local_only_the_load_balancer_detects_a_lost_node() -> None:
    sources = {
        failure: [source.rpartition("(")[2] for source in row["errorWindowSources"]] for failure, row in rows().items()
    }
    assert sources["node"] == sources["zone"] == ["loadBalancer.healthCheckSeconds)", "fixed)"]
    assert sources["pod"] == ["fixed: kubelet, EndpointSlice, kube-proxy)", "loadBalancer.healthCheckSeconds)"]
    others = {
        failure: [source.rpartition("(")[2] for source in row["errorWindowSources"]]
        for failure, row in rows(**CLUSTER_POLICY).items()
    }
    assert others["node"] == [
        "Kubernetes' node-monitor-grace-period since 1.32)",
        "twice Kubernetes' node-monitor-period)",
        "fixed: EndpointSlice, kube-proxy)",
    ]
    assert others["pod"] == ["fixed: kubelet, EndpointSlice, kube-proxy)"]


@pytest.mark.parametrize("settings", [{"replicas": 1}, {"disruptionBudget": {"maxUnavailable": 9}}, {}])
@pytest.mark.parametrize("cluster", [UNKNOWN, THREE, ClusterFacts(nodes=1)], ids=["unknown", "three", "one"])
def test_a_failure_that_is_not_survived_has_no_error_window(cluster: ClusterFacts, settings: dict[str, Any]) -> None:
    for row in rows(cluster, **settings).values():
        if not row["survived"]:
            assert (row["errorWindowSeconds"], row["errorWindowSources"]) == (0, [])


# Seconds in which requests may fail after a pod is killed and after a node is lost.
NO_BALANCER: dict[str, Any] = {"loadBalancer": {"enabled": False}}


@pytest.mark.parametrize(
    ("settings", "pod", "node"),
    [
        ({}, 33, 31),
        (CLUSTER_POLICY, 3, 63),
        (NO_BALANCER, 3, 63),
        ({**NO_BALANCER, "ingress": {"hosts": ["a.example"]}}, 12, 72),
        ({**NO_BALANCER, "ingress": {"hosts": ["a.example"], "endpointUpdateSeconds": 2}}, 4, 64),
        ({**NO_BALANCER, "route": {"parentRefs": [{"name": "edge"}], "endpointUpdateSeconds": 30}}, 32, 92),
        ({"ingress": {"hosts": ["a.example"]}}, 33, 72),
        ({"ingress": {"hosts": ["a.example"], "endpointUpdateSeconds": 33}}, 35, 95),
    ],
)
def test_the_slowest_kind_of_ingress_decides(settings: dict[str, Any], pod: int, node: int) -> None:
    result = rows(ClusterFacts(("a", "b", "c")), **settings)
    assert (result["pod"]["errorWindowSeconds"], result["node"]["errorWindowSeconds"]) == (pod, node)
    assert result["zone"]["errorWindowSeconds"] == node
    assert result["hang"]["errorWindowSeconds"] == pod + 12
    assert (result["drain"]["errorWindowSeconds"], result["rollout"]["errorWindowSeconds"]) == (0, 0)


def test_the_error_window_behind_an_ingress_controller_names_its_sources() -> None:
    result = rows(ClusterFacts(("a", "b", "c")), **NO_BALANCER, ingress={"hosts": ["a.example"]})
    assert result["pod"]["errorWindowSources"] == [
        "2 s until its endpoint is removed (fixed: kubelet, EndpointSlice)",
        "10 s until the Ingress controller stops routing to it (ingress.endpointUpdateSeconds)",
    ]
