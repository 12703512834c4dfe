"""A backend in a service mesh: what its objects say to the mesh, the sums of its end, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from components.availability import ClusterFacts, pod_resources, promise, recovery, timing
from components.settings import consistency
from components.settings.quantity import amount
from tests.support.fake_engine import Monitor, backend
from tests.support.pod_templates import annotated

MESHES = ("istio", "istio-ambient", "linkerd")
WAYPOINT = {"name": "way", "namespace": "waypoints"}
INJECT, AMBIENT = {"sidecar.istio.io/inject": "true"}, {"istio.io/dataplane-mode": "ambient"}
TRAFFIC: dict[str, Any] = {"retryAttempts": 2, "outlierDetection": {"consecutiveFailures": 3}}
ALONE: dict[str, Any] = {"loadBalancer": {"enabled": False}}


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


def test_without_one_nothing_is_said_of_any(monitor: Monitor) -> None:
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
def test_the_pod_says_which_mesh_takes_it_up(
    monitor: Monitor, mesh: str, more: dict[str, Any], labels: dict[str, str]
) -> None:
    found, annotations = template(monitor, mesh=mesh, meshOptions=more)
    assert {key: value for key, value in found.items() if not key.startswith("app.kubernetes.io/")} == labels
    assert (annotations.get("linkerd.io/inject") == "enabled") is (mesh == "linkerd")
    selector = monitor.inputs("apps/v1:Deployment")["spec"]["selector"]["matchLabels"]
    assert set(selector) == {"app.kubernetes.io/name"}, "pods are selected as before, whatever their mesh"
    assert not set(labels) & set(monitor.inputs("core/v1:Namespace")["metadata"]["labels"]), "others may share it"


@pytest.mark.parametrize(
    ("mesh", "wanted"),
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
def test_a_proxy_starts_before_the_backend_ends_after_it_and_is_bounded(
    monitor: Monitor, mesh: str, wanted: dict[str, str]
) -> None:
    proxy = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}}
    _, annotations = template(
        monitor, mesh=mesh, meshOptions={"proxy": proxy}, **annotated({"example.org/team": "shop"})
    )
    assert wanted.items() <= annotations.items()
    assert annotations["example.org/team"] == "shop"
    assert all(isinstance(value, str) for value in annotations.values())


@pytest.mark.parametrize(("mesh", "end"), [("none", 0), ("istio", 5), ("istio-ambient", 0), ("linkerd", 5)])
def test_the_pods_end_and_start_hold_the_proxys(monitor: Monitor, mesh: str, end: int) -> None:
    given = backend(mesh=mesh, shutdown={"deregistrationSeconds": 40, "drainSeconds": 20})
    assert timing.grace_period(given) == 40 + 20 + 5 + end
    assert timing.start(given) == timing.start(backend()) + 2 * end == recovery.total(recovery.start(given))
    assert monitor.make(mesh=mesh).pod()["terminationGracePeriodSeconds"] == 35 + 20 + 5 + end
    told = [term.told for term in recovery.hang_mended(given) if "shutdown" in term.source]
    assert ("5 for the mesh's proxy" in told[0]) is bool(end)
    assert timing.start(given) == sum(term.seconds for term in recovery.start(given))


def test_the_promise_names_the_proxys_start() -> None:
    row = promise(backend(mesh="istio"), ClusterFacts(("a", "b", "c"), 3)).as_output()["drain"]
    assert row["recoverySeconds"] == 10 + 60 + 5
    assert "10 s for the mesh's proxy to be ready (mesh: an allowance)" in row["sources"]


@pytest.mark.parametrize(
    ("mesh", "cpu"), [("none", "500m"), ("istio", "600m"), ("istio-ambient", "500m"), ("linkerd", "600m")]
)
def test_a_pod_asks_its_node_for_the_proxy_too(mesh: str, cpu: str) -> None:
    assert pod_resources.of_pod(backend(mesh=mesh), "cpu") == amount(cpu)
    grown = pod_resources.of_pod(backend(mesh=mesh), pod_resources.STORAGE) / pod_resources.of_pod(
        backend(), pod_resources.STORAGE
    )
    assert grown == (2 if cpu == "600m" else 1)


@pytest.mark.parametrize(
    ("balancer", "protocol"), [({}, "http"), ({"enabled": False}, "http"), ({"externalTrafficPolicy": "Cluster"}, None)]
)
@pytest.mark.parametrize("mesh", MESHES)
def test_the_service_says_http_in_the_words_that_all_meshes_know(
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
def test_the_mesh_gets_through(monitor: Monitor, mesh: str, ingress: list[Any], control: list[Any]) -> None:
    plain, spec = policy(monitor), policy(monitor, mesh=mesh)
    assert spec["ingress"] == plain["ingress"] + ingress
    assert spec["egress"] == plain["egress"] + control


def test_what_is_served_from_a_few_namespaces_is_so_in_a_mesh(monitor: Monitor) -> None:
    few = {
        "allowFrom": ["front"],
        "allowMetricsFrom": ["monitoring"],
        "egress": [{"namespace": "db", "ports": [5432]}, {"namespace": "all"}],
    }
    spec = policy(
        monitor, mesh="istio-ambient", meshOptions={"waypoint": WAYPOINT}, network=few, metricsPort=9797, **ALONE
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


def test_the_control_plane_may_be_elsewhere(monitor: Monitor) -> None:
    spec = policy(monitor, mesh="istio", meshOptions={"controlPlaneNamespace": "mesh"})
    assert spec["egress"][-1]["to"] == [namespace("mesh")]


@pytest.mark.parametrize(("mesh", "more"), [("istio", {}), ("istio-ambient", {"waypoint": WAYPOINT})])
def test_istio_sends_once_more_and_passes_over(monitor: Monitor, mesh: str, more: dict[str, Any]) -> None:
    monitor.make(mesh=mesh, meshOptions={**TRAFFIC, **more}, servicePort=8000)
    name = "backend-service"
    assert monitor.inputs("networking.istio.io/v1:VirtualService")["spec"] == {
        "hosts": [name],
        "http": [
            {
                "route": [{"destination": {"host": name, "port": {"number": 8000}}}],
                "retries": {"attempts": 2, "retryOn": "connect-failure,refused-stream,reset,502,503,504"},
            }
        ],
    }
    assert monitor.inputs("networking.istio.io/v1:DestinationRule")["spec"] == {
        "host": name,
        "trafficPolicy": {
            "outlierDetection": {
                "consecutiveGatewayErrors": 3,
                "consecutive5xxErrors": 0,
                "interval": "1s",
                "baseEjectionTime": "10s",
                "maxEjectionPercent": 50,
            }
        },
    }
    labels = monitor.inputs("core/v1:Service")["metadata"]["labels"]
    assert (labels.get("istio.io/use-waypoint"), labels.get("istio.io/use-waypoint-namespace")) == (
        ("way", "waypoints") if more else (None, None)
    )


@pytest.mark.parametrize(("seconds", "longest"), [(10, "60s"), (45, "90s")])
def test_linkerd_reads_the_same_on_the_service(monitor: Monitor, seconds: int, longest: str) -> None:
    monitor.make(
        mesh="linkerd",
        meshOptions={"retryAttempts": 2, "outlierDetection": {"consecutiveFailures": 3, "ejectionSeconds": seconds}},
    )
    assert not monitor.all("networking.istio.io/v1:VirtualService") + monitor.all(
        "networking.istio.io/v1:DestinationRule"
    )
    key = "balancer.linkerd.io/failure-accrual"
    assert monitor.inputs("core/v1:Service")["metadata"]["annotations"] == {
        "retry.linkerd.io/http": "gateway-error",
        "retry.linkerd.io/limit": "2",
        key: "consecutive",
        f"{key}-consecutive-max-failures": "3",
        f"{key}-consecutive-min-penalty": f"{seconds}s",
        f"{key}-consecutive-max-penalty": longest,
    }


@pytest.mark.parametrize("mesh", MESHES)
def test_nothing_is_retried_that_nobody_asked_for(monitor: Monitor, mesh: str) -> None:
    monitor.make(mesh=mesh)
    assert not [one for one in monitor.requests if "istio.io" in one.type]
    assert "annotations" not in monitor.inputs("core/v1:Service")["metadata"]


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"meshOptions": TRAFFIC}, {"mesh"}),
        ({"mesh": "linkerd", "meshOptions": {"revision": "canary"}}, {"meshOptions.revision"}),
        ({"mesh": "istio", "meshOptions": {"waypoint": WAYPOINT}}, {"meshOptions.waypoint"}),
        (
            {"mesh": "istio-ambient", "meshOptions": {"proxy": {"limits": {"cpu": "1", "memory": "1Gi"}}}},
            {"meshOptions.proxy"},
        ),
        (
            {"mesh": "istio-ambient", "meshOptions": TRAFFIC},
            {"meshOptions.retryAttempts", "meshOptions.outlierDetection.consecutiveFailures"},
        ),
        (
            {"mesh": "istio-ambient", "name": "shop", "meshOptions": {"waypoint": {"name": "w", "namespace": "shop"}}},
            {"meshOptions.waypoint.namespace"},
        ),
        (
            {"mesh": "istio", "meshOptions": {"outlierDetection": {"ejectionSeconds": 5}}},
            {"meshOptions.outlierDetection.consecutiveFailures"},
        ),
        (
            {"mesh": "istio", "meshOptions": {"proxy": {"requests": {"cpu": "3", "memory": "2Gi"}}}},
            {"meshOptions.proxy.requests.cpu", "meshOptions.proxy.requests.memory"},
        ),
        (
            {"mesh": "istio", "labels": {"sidecar.istio.io/inject": "false", "istio.io/rev": "x"}},
            {"labels.sidecar.istio.io/inject", "labels.istio.io/rev"},
        ),
        ({"mesh": "istio", "selector": {"sidecar.istio.io/inject": "false"}}, {"selector.sidecar.istio.io/inject"}),
        ({"mesh": "istio", "port": 15001, "metricsPort": 15001}, {"port", "metricsPort"}),
        (
            {"mesh": "linkerd", **annotated({"linkerd.io/inject": "disabled"})},
            {"podTemplate.metadata.annotations.linkerd.io/inject"},
        ),
        (
            {"mesh": "istio", **annotated({"sidecar.istio.io/nativeSidecar": "false"})},
            {"podTemplate.metadata.annotations.sidecar.istio.io/nativeSidecar"},
        ),
        ({"mesh": "istio", "port": 15001, "metricsPort": 15090}, {"port", "metricsPort"}),
        ({"mesh": "linkerd", "rollout": {"progressDeadlineSeconds": 74}}, {"rollout.progressDeadlineSeconds"}),
        ({"rollout": {"progressDeadlineSeconds": 74}}, set()),
        (
            {
                "labels": {"sidecar.istio.io/inject": "false"},
                "port": 15001,
                **annotated({"linkerd.io/inject": "disabled"}),
            },
            set(),
        ),
        ({"mesh": "istio", "meshOptions": TRAFFIC}, set()),
    ],
)
def test_what_contradicts_it_is_refused(given: dict[str, Any], keys: set[str]) -> None:
    assert {one.key for one in consistency.conflicts(backend(**given))} == keys
