"""The traffic that is let through: nothing, and then what the backend needs."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from tests.support.fake_engine import Monitor

NAME = "backend-service"
DNS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
BOTH = ["Ingress", "Egress"]


def policies(monitor: Monitor, **settings: Any) -> dict[str, dict[str, Any]]:
    """Both, by their logical names without the prefix."""
    monitor.make(**settings)
    return {
        request.name.removeprefix(f"{NAME}-"): json_format.MessageToDict(request.object)
        for request in monitor.all("networking.k8s.io/v1:NetworkPolicy")
    }


def opened(monitor: Monitor, **settings: Any) -> dict[str, Any]:
    return dict(policies(monitor, **settings)["network-policy"]["spec"])


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def test_all_traffic_of_every_pod_is_refused(monitor: Monitor) -> None:
    denied = policies(monitor)["default-deny"]
    assert denied["spec"] == {"podSelector": {}, "policyTypes": BOTH}
    assert (denied["metadata"]["name"], denied["metadata"]["namespace"]) == (f"{NAME}-default-deny", NAME)


def test_its_port_is_open_from_everywhere_and_names_can_be_resolved(monitor: Monitor) -> None:
    spec = opened(monitor, port=9000)
    assert spec == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": NAME}},
        "policyTypes": BOTH,
        "ingress": [{"ports": [{"port": "http", "protocol": "TCP"}]}],
        "egress": [{"ports": DNS}],
    }


def test_the_two_policies_are_two_objects(monitor: Monitor) -> None:
    found = policies(monitor)
    assert set(found) == {"default-deny", "network-policy"}
    assert len({policy["metadata"]["name"] for policy in found.values()}) == 2


def test_metrics_are_read_by_the_namespaces_that_are_named(monitor: Monitor) -> None:
    spec = opened(monitor, metricsPort=9797, network={"allowMetricsFrom": ["monitoring", "tracing"]})
    assert spec["ingress"][1:] == [
        {"ports": [{"port": "metrics", "protocol": "TCP"}], "from": [namespace("monitoring"), namespace("tracing")]}
    ]


def test_each_port_that_is_opened_by_name_is_one_of_the_container(monitor: Monitor) -> None:
    spec = opened(monitor, port=9000, metricsPort=9797, network={"allowMetricsFrom": ["monitoring"]})
    names = [port["port"] for rule in spec["ingress"] for port in rule["ports"]]
    ports = {port["name"]: port["containerPort"] for port in monitor.container()["ports"]}
    assert [ports[name] for name in names] == [9000, 9797]


def test_nothing_is_refused_before_what_the_backend_needs_is_open(monitor: Monitor) -> None:
    policies(monitor)
    after = {
        request.name: {urn.rpartition("::")[2] for urn in request.dependencies}
        for request in monitor.all("networking.k8s.io/v1:NetworkPolicy")
    }
    assert f"{NAME}-network-policy" in after[f"{NAME}-default-deny"]
    assert f"{NAME}-default-deny" not in after[f"{NAME}-network-policy"]


def test_metrics_are_not_open_unasked(monitor: Monitor) -> None:
    assert len(opened(monitor, metricsPort=9797)["ingress"]) == 1


@pytest.mark.parametrize("name", ["1password", "a" * 63])
def test_a_namespace_of_others_may_have_any_name_that_kubernetes_allows(monitor: Monitor, name: str) -> None:
    spec = opened(monitor, metricsPort=9797, network={"egress": [{"namespace": name}], "allowMetricsFrom": [name]})
    assert spec["egress"][1]["to"] == spec["ingress"][1]["from"] == [namespace(name)]


def test_what_the_backend_connects_to(monitor: Monitor) -> None:
    spec = opened(
        monitor,
        network={
            "egress": [
                {"cidr": "10.20.0.0/16", "ports": [5432, 6432]},
                {"namespace": "queue"},
                {"cidr": "2001:db8::/32"},
            ]
        },
    )
    assert spec["egress"] == [
        {"ports": DNS},
        {
            "to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}],
            "ports": [{"port": 5432, "protocol": "TCP"}, {"port": 6432, "protocol": "TCP"}],
        },
        {"to": [namespace("queue")]},
        {"to": [{"ipBlock": {"cidr": "2001:db8::/32"}}]},
    ]


def test_a_destination_without_ports_is_open_on_all(monitor: Monitor) -> None:
    for rule in opened(monitor, network={"egress": [{"namespace": "queue", "ports": []}]})["egress"][1:]:
        assert "ports" not in rule
