"""The objects of a backend in a service mesh: pod, Service and network policy."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from tests.support.fake_engine import Monitor
from tests.support.ingresses import NO_LOAD_BALANCER
from tests.support.meshes import MESHES, WAYPOINT
from tests.support.pod_templates import annotated

INJECT, AMBIENT = {"sidecar.istio.io/inject": "true"}, {"istio.io/dataplane-mode": "ambient"}


def template(monitor: Monitor, **settings: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and the annotations of the pod."""
    found = monitor.make(**settings).inputs("apps/v1:Deployment")["spec"]["template"]["metadata"]
    return found["labels"], found.get("annotations", {})


def policy(monitor: Monitor, **settings: Any) -> dict[str, Any]:
    monitor.requests.clear()
    monitor.make(**settings)
    (found,) = (
        one for one in monitor.all("networking.k8s.io/v1:NetworkPolicy") if one.name.endswith("-network-policy")
    )
    return dict(json_format.MessageToDict(found.object)["spec"])


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def ports(*numbers: int | str) -> list[dict[str, Any]]:
    return [{"port": number, "protocol": "TCP"} for number in numbers]


def test_without_a_mesh_nothing_mentions_one(monitor: Monitor) -> None:
    labels, annotations = template(monitor)
    assert set(labels) == {"app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/managed-by"}
    assert annotations == {}
    service = monitor.inputs("core/v1:Service")
    assert "appProtocol" not in service["spec"]["ports"][0]
    assert "annotations" not in service["metadata"]


@pytest.mark.parametrize(
    ("mesh", "more", "labels"),
    [
        ("istio", {}, INJECT),
        ("istio", {"revision": "canary"}, {"istio.io/rev": "canary"}),
        ("istio-ambient", {}, AMBIENT),
        ("linkerd", {}, {}),
    ],
)
def test_the_pods_labels_select_the_mesh(
    monitor: Monitor, mesh: str, more: dict[str, Any], labels: dict[str, str]
) -> None:
    found, annotations = template(monitor, mesh=mesh, meshOptions=more)
    assert {key: value for key, value in found.items() if not key.startswith("app.kubernetes.io/")} == labels
    assert (annotations.get("linkerd.io/inject") == "enabled") is (mesh == "linkerd")
    selector = monitor.inputs("apps/v1:Deployment")["spec"]["selector"]["matchLabels"]
    assert set(selector) == {"app.kubernetes.io/name"}, "pods are selected as before, whatever their mesh"
    assert not set(labels) & set(monitor.inputs("core/v1:Namespace")["metadata"]["labels"]), "others may share it"


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (
            "istio",
            {
                "sidecar.istio.io/nativeSidecar": "true",
                "sidecar.istio.io/rewriteAppHTTPProbers": "true",
                "sidecar.istio.io/proxyCPU": "50m",
                "sidecar.istio.io/proxyMemory": "64Mi",
                "sidecar.istio.io/proxyCPULimit": "500m",
                "sidecar.istio.io/proxyMemoryLimit": "256Mi",
            },
        ),
        (
            "linkerd",
            {
                "config.linkerd.io/proxy-enable-native-sidecar": "true",
                "config.linkerd.io/shutdown-grace-period": "5s",
                "config.linkerd.io/proxy-cpu-request": "50m",
                "config.linkerd.io/proxy-memory-limit": "256Mi",
            },
        ),
    ],
)
def test_a_proxy_starts_before_the_backend_stops_after_it_and_has_limits(
    monitor: Monitor, mesh: str, expected: dict[str, str]
) -> None:
    proxy = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}}
    _, annotations = template(
        monitor, mesh=mesh, meshOptions={"proxy": proxy}, **annotated({"example.org/team": "shop"})
    )
    assert expected.items() <= annotations.items()
    assert annotations["example.org/team"] == "shop"
    assert all(isinstance(value, str) for value in annotations.values())


@pytest.mark.parametrize(
    ("balancer", "protocol"), [({}, "http"), ({"enabled": False}, "http"), ({"externalTrafficPolicy": "Cluster"}, None)]
)
@pytest.mark.parametrize("mesh", MESHES)
def test_the_service_declares_http_for_all_meshes(
    monitor: Monitor, mesh: str, balancer: dict[str, Any], protocol: str | None
) -> None:
    (port,) = monitor.make(mesh=mesh, loadBalancer=balancer).inputs("core/v1:Service")["spec"]["ports"]
    assert (port["name"], port.get("appProtocol")) == ("http", protocol)


@pytest.mark.parametrize(
    ("mesh", "ingress", "control"),
    [
        ("istio", [], [{"to": [namespace("istio-system")], "ports": ports(15012)}]),
        ("istio-ambient", [{"ports": ports(15008)}], []),
        ("linkerd", [{"ports": ports(4143)}], [{"to": [namespace("linkerd")], "ports": ports(8080, 8086, 8090, 4143)}]),
    ],
)
def test_the_network_policy_allows_the_mesh(
    monitor: Monitor, mesh: str, ingress: list[Any], control: list[Any]
) -> None:
    plain, spec = policy(monitor), policy(monitor, mesh=mesh)
    assert spec["ingress"] == plain["ingress"] + ingress
    assert spec["egress"] == plain["egress"] + control


def test_restricted_namespaces_stay_restricted_in_a_mesh(monitor: Monitor) -> None:
    few = {
        "allowFrom": ["front"],
        "allowMetricsFrom": ["monitoring"],
        "egress": [{"namespace": "db", "ports": [5432]}, {"namespace": "all"}],
    }
    spec = policy(
        monitor,
        mesh="istio-ambient",
        meshOptions={"waypoint": WAYPOINT},
        network=few,
        metricsPort=9797,
        **NO_LOAD_BALANCER,
    )
    served, metrics, tunnel = spec["ingress"]
    assert served["from"] == [
        namespace("front"),
        {"ipBlock": {"cidr": "169.254.7.127/32"}},
        {"ipBlock": {"cidr": "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128"}},
    ]
    assert metrics["from"] == [namespace("monitoring")]
    assert tunnel == {
        "ports": ports(15008),
        "from": [namespace("front"), namespace("monitoring"), namespace("waypoints")],
    }
    assert spec["egress"][1:] == [{"to": [namespace("db")], "ports": ports(5432, 15008)}, {"to": [namespace("all")]}]


def test_the_control_plane_may_be_in_another_namespace(monitor: Monitor) -> None:
    spec = policy(monitor, mesh="istio", meshOptions={"controlPlaneNamespace": "mesh"})
    assert spec["egress"][-1]["to"] == [namespace("mesh")]
