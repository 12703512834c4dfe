"""The objects of ingress: Service, Ingress, HTTPRoute and the network policy in front of them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from google.protobuf import json_format

from tests.support.fake_engine import Monitor
from tests.support.ingresses import INGRESS, NO_LOAD_BALANCER, ROUTE, ROUTE_WITH_RETRIES
from tests.support.problems import Values


def kinds(monitor: Monitor) -> set[str]:
    return {one.type.rpartition(":")[2] for one in monitor.requests}


def test_by_default_there_is_only_a_load_balancer(monitor: Monitor) -> None:
    assert not kinds(monitor.make()) & {"Ingress", "HTTPRoute"}
    assert monitor.inputs("core/v1:Service")["spec"]["type"] == "LoadBalancer"


def test_an_ingress_routes_all_hosts_to_the_services_named_port(monitor: Monitor) -> None:
    resource = monitor.make(ingress=INGRESS).inputs("networking.k8s.io/v1:Ingress")
    assert resource["metadata"]["name"] == "backend-service"
    assert resource["metadata"]["annotations"] == INGRESS["annotations"]
    spec = resource["spec"]
    assert (spec["ingressClassName"], spec["tls"]) == ("nginx", [{"hosts": INGRESS["hosts"], "secretName": "shop-tls"}])
    assert [rule["host"] for rule in spec["rules"]] == INGRESS["hosts"]
    target = {"service": {"name": "backend-service", "port": {"name": "http"}}}
    for rule in spec["rules"]:
        assert rule["http"]["paths"] == [{"path": "/shop", "pathType": "Prefix", "backend": target}]
    assert monitor.inputs("core/v1:Service")["spec"]["type"] == "LoadBalancer", "both, unless one is turned off"


def test_an_ingress_omits_what_is_unset(monitor: Monitor) -> None:
    resource = monitor.make(ingress={"hosts": ["a.example"]}).inputs("networking.k8s.io/v1:Ingress")
    assert "annotations" not in resource["metadata"]
    assert not {"tls", "ingressClassName"} & resource["spec"].keys()


def test_a_route_is_attached_to_its_gateways(monitor: Monitor) -> None:
    resource = monitor.make(route=ROUTE, servicePort=8000).inputs("gateway.networking.k8s.io/v1:HTTPRoute")
    assert (resource["apiVersion"], resource["kind"]) == ("gateway.networking.k8s.io/v1", "HTTPRoute")
    assert resource["spec"] == {
        "parentRefs": ROUTE["parentRefs"],
        "hostnames": ["shop.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "timeouts": {"request": "30s"},
                "backendRefs": [{"name": "backend-service", "port": 8000}],
            }
        ],
    }
    monitor.requests.clear()
    plain = monitor.make(route={"parentRefs": [{"name": "edge"}]}).inputs("gateway.networking.k8s.io/v1:HTTPRoute")[
        "spec"
    ]
    assert plain["parentRefs"] == [{"name": "edge"}]
    assert "hostnames" not in plain and "timeouts" not in plain["rules"][0]


def test_a_route_limits_the_time_and_number_of_attempts(monitor: Monitor) -> None:
    resource = monitor.make(route=ROUTE_WITH_RETRIES).inputs("gateway.networking.k8s.io/v1:HTTPRoute")["spec"]["rules"][
        0
    ]
    assert resource["timeouts"] == {"request": "30s", "backendRequest": "10s"}
    assert resource["retry"] == {"attempts": 2, "codes": [502, 503], "backoff": "50ms"}
    monitor.requests.clear()
    few = monitor.make(route={"parentRefs": [{"name": "edge"}], "backendTimeoutSeconds": 20, "retry": {"attempts": 1}})
    rule = few.inputs("gateway.networking.k8s.io/v1:HTTPRoute")["spec"]["rules"][0]
    assert (rule["timeouts"], rule["retry"]) == ({"backendRequest": "20s"}, {"attempts": 1})


@pytest.mark.parametrize(
    ("name", "one", "changed"),
    [
        *(
            ("ingress", {key: value}, "networking.k8s.io/v1:Ingress")
            for key, value in (
                ("hosts", ["b.example"]),
                ("className", "x"),
                ("path", "/b"),
                ("tlsSecretName", "x"),
                ("annotations", {"a": "b"}),
            )
        ),
        *(
            ("route", {key: value}, "gateway.networking.k8s.io/v1:HTTPRoute")
            for key, value in (
                ("parentRefs", [{"name": "x"}]),
                ("hostnames", ["b.example"]),
                ("path", "/b"),
                ("timeoutSeconds", 5),
                ("backendTimeoutSeconds", 5),
                ("retry", {"attempts": 3}),
            )
        ),
    ],
)
def test_a_setting_changes_its_object_and_no_other(monitor: Monitor, name: str, one: Any, changed: str) -> None:
    def make(**more: Any) -> dict[str, Any]:
        monitor.requests.clear()
        monitor.make(**{"ingress": INGRESS, "route": ROUTE, **more})
        return {
            each.type: copy.deepcopy(json_format.MessageToDict(each.object))
            for each in monitor.requests
            if each.type.startswith("kubernetes:")
        }

    before = make()
    after = make(**{name: {**(INGRESS if name == "ingress" else ROUTE), **one}})
    assert {kind for kind in before if before[kind] != after[kind]} == {f"kubernetes:{changed}"}


def test_without_a_load_balancer_the_service_is_internal(monitor: Monitor) -> None:
    spec = monitor.make(**NO_LOAD_BALANCER).inputs("core/v1:Service")["spec"]
    assert spec["type"] == "ClusterIP"
    assert "externalTrafficPolicy" not in spec


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, "http://192.0.2.10"),
        ({"ingress": INGRESS}, "http://192.0.2.10"),
        (NO_LOAD_BALANCER, None),
        ({**NO_LOAD_BALANCER, "route": ROUTE}, None),
        ({**NO_LOAD_BALANCER, "ingress": INGRESS}, "https://shop.example.com/shop"),
        ({**NO_LOAD_BALANCER, "ingress": {"hosts": ["a.example"]}}, "http://a.example"),
    ],
)
def test_the_endpoint_output_is_the_known_address(monitor: Monitor, values: Values, url: str | None) -> None:
    monitor.make(**values)
    (found,) = (each for urn, each in monitor.outputs.items() if "HighlyAvailableBackend" in urn)
    assert found.get("endpoint") == url


def test_only_named_namespaces_reach_the_port(monitor: Monitor) -> None:
    monitor.make(**NO_LOAD_BALANCER, network={"allowFrom": ["ingress", "gateways"]})
    opened = next(
        json_format.MessageToDict(one.object)["spec"]
        for one in monitor.all("networking.k8s.io/v1:NetworkPolicy")
        if one.name.endswith("-network-policy")
    )
    assert opened["ingress"] == [
        {
            "ports": [{"port": "http", "protocol": "TCP"}],
            "from": [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}
                for name in ("ingress", "gateways")
            ],
        }
    ]
