"""NetworkPolicies: deny everything, then allow what the backend needs."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from tests.support.fake_engine import Monitor

NAME = "backend-service"
DNS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
BOTH = ["Ingress", "Egress"]


def policies(monitor: Monitor, **settings: Any) -> dict[str, dict[str, Any]]:
    """Return both policies by their logical names without the prefix."""
    monitor.make(**settings)
    return {
        request.name.removeprefix(f"{NAME}-"): json_format.MessageToDict(request.object)
        for request in monitor.all("networking.k8s.io/v1:NetworkPolicy")
    }


def allowed(monitor: Monitor, **settings: Any) -> dict[str, Any]:
    return dict(policies(monitor, **settings)["network-policy"]["spec"])


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def test_all_traffic_of_every_pod_is_denied(monitor: Monitor) -> None:
    denied = policies(monitor)["default-deny"]
    assert denied["spec"] == {"podSelector": {}, "policyTypes": BOTH}
    assert (denied["metadata"]["name"], denied["metadata"]["namespace"]) == (f"{NAME}-default-deny", NAME)


def test_its_port_and_dns_are_allowed_by_default(monitor: Monitor) -> None:
    spec = allowed(monitor, port=9000)
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


def test_metrics_are_allowed_from_the_named_namespaces(monitor: Monitor) -> None:
    spec = allowed(monitor, metricsPort=9797, network={"allowMetricsFrom": ["monitoring", "tracing"]})
    assert spec["ingress"][1:] == [
        {"ports": [{"port": "metrics", "protocol": "TCP"}], "from": [namespace("monitoring"), namespace("tracing")]}
    ]


def test_every_allowed_port_name_is_a_container_port(monitor: Monitor) -> None:
    spec = allowed(monitor, port=9000, metricsPort=9797, network={"allowMetricsFrom": ["monitoring"]})
    names = [port["port"] for rule in spec["ingress"] for port in rule["ports"]]
    ports = {port["name"]: port["containerPort"] for port in monitor.container()["ports"]}
    assert [ports[name] for name in names] == [9000, 9797]


def test_the_default_deny_waits_for_the_allow_rules(monitor: Monitor) -> None:
    policies(monitor)
    after = {
        request.name: {urn.rpartition("::")[2] for urn in request.dependencies}
        for request in monitor.all("networking.k8s.io/v1:NetworkPolicy")
    }
    assert f"{NAME}-network-policy" in after[f"{NAME}-default-deny"]
    assert f"{NAME}-default-deny" not in after[f"{NAME}-network-policy"]


def test_metrics_are_denied_by_default(monitor: Monitor) -> None:
    assert len(allowed(monitor, metricsPort=9797)["ingress"]) == 1


@pytest.mark.parametrize("name", ["1password", "a" * 63])
def test_a_foreign_namespace_may_have_any_valid_name(monitor: Monitor, name: str) -> None:
    spec = allowed(monitor, metricsPort=9797, network={"egress": [{"namespace": name}], "allowMetricsFrom": [name]})
    assert spec["egress"][1]["to"] == spec["ingress"][1]["from"] == [namespace(name)]


def test_egress_follows_the_settings(monitor: Monitor) -> None:
    spec = allowed(
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


def test_a_destination_without_ports_is_allowed_on_all_ports(monitor: Monitor) -> None:
    for rule in allowed(monitor, network={"egress": [{"namespace": "queue", "ports": []}]})["egress"][1:]:
        assert "ports" not in rule
