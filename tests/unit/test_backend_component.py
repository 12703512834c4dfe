"""What the component asks the engine for: the objects, and the fields that keep the backend up."""

from __future__ import annotations

from typing import Any

import pytest

from components import HighlyAvailableBackend
from settings import BackendSettings
from tests.unit.recording import IMAGE, Monitor

NAME = "backend-service"
SELECTOR = {"app.kubernetes.io/name": NAME}
FULL = {"environment": {"A": "1"}, "generatedSecrets": {"names": ["SESSION_KEY"]}}


def made(monitor: Monitor, **settings: Any) -> Monitor:
    given = BackendSettings.model_validate({"image": IMAGE, **settings})
    monitor.run(lambda: HighlyAvailableBackend(given.name, given))
    return monitor


def pod(monitor: Monitor) -> dict[str, Any]:
    return dict(monitor.inputs("apps/v1:Deployment")["spec"]["template"]["spec"])


def container(monitor: Monitor) -> dict[str, Any]:
    (only,) = pod(monitor)["containers"]
    return dict(only)


def test_all_objects_exist_once(monitor: Monitor) -> None:
    kinds = sorted(r.type.rpartition(":")[2] for r in made(monitor, **FULL).requests if r.custom)
    assert kinds == ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Namespace", "PodDisruptionBudget",
                     "RandomPassword", "Secret", "Service", "ServiceAccount"]


def test_what_would_be_empty_is_not_made(monitor: Monitor) -> None:
    made(monitor)
    assert not monitor.all("core/v1:ConfigMap") + monitor.all("core/v1:Secret")
    assert not container(monitor).get("envFrom")


def test_one_constant_label_selects_everywhere(monitor: Monitor) -> None:
    made(monitor, **FULL)
    deployment = monitor.inputs("apps/v1:Deployment")["spec"]
    assert deployment["selector"] == {"matchLabels": SELECTOR}
    assert SELECTOR.items() <= deployment["template"]["metadata"]["labels"].items()
    assert monitor.inputs("core/v1:Service")["spec"]["selector"] == SELECTOR
    assert monitor.inputs("policy/v1:PodDisruptionBudget")["spec"]["selector"] == {"matchLabels": SELECTOR}
    spreads = pod(monitor)["topologySpreadConstraints"]
    assert [spread["labelSelector"] for spread in spreads] == [{"matchLabels": SELECTOR}] * 2


def test_pods_are_spread_over_zones_and_nodes(monitor: Monitor) -> None:
    spreads = pod(made(monitor))["topologySpreadConstraints"]
    assert [spread["topologyKey"] for spread in spreads] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    for spread in spreads:
        assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
        assert (spread["maxSkew"], spread["matchLabelKeys"]) == (1, ["pod-template-hash"])


def test_a_release_never_takes_a_pod_before_a_new_one_is_ready(monitor: Monitor) -> None:
    spec = made(monitor).inputs("apps/v1:Deployment")["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
    assert (spec["minReadySeconds"], spec["progressDeadlineSeconds"], spec["replicas"]) == (5, 300, 3)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_autoscaler_owns_the_number_of_pods_or_there_is_none(monitor: Monitor, enabled: bool) -> None:
    made(monitor, replicas=4, autoscaling={"enabled": enabled}, **FULL)
    ignoring = {r.type: list(r.ignoreChanges) for r in monitor.requests if r.ignoreChanges}
    assert ignoring == ({"kubernetes:apps/v1:Deployment": ["spec.replicas"]} if enabled else {})
    assert len(monitor.all("autoscaling/v2:HorizontalPodAutoscaler")) == enabled
    assert monitor.inputs("apps/v1:Deployment")["spec"]["replicas"] == 4


def test_the_autoscaler(monitor: Monitor) -> None:
    spec = made(monitor, replicas=4, autoscaling={"maxReplicas": 9, "cpuPercent": 55}).inputs(
        "autoscaling/v2:HorizontalPodAutoscaler")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (4, 9)
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}
    (metric,) = spec["metrics"]
    assert metric["containerResource"] == {"name": "cpu", "container": container(monitor)["name"],
                                           "target": {"type": "Utilization", "averageUtilization": 55}}
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


def test_a_drain_takes_one_pod_at_a_time(monitor: Monitor) -> None:
    spec = made(monitor).inputs("policy/v1:PodDisruptionBudget")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    assert "minAvailable" not in spec


@pytest.mark.parametrize(("sleep", "drain"), [(10, 20), (120, 0), (1, 300)])
def test_a_pod_serves_on_until_it_is_out_of_load_balancing(monitor: Monitor, sleep: int, drain: int) -> None:
    made(monitor, shutdown={"deregistrationSeconds": sleep, "drainSeconds": drain})
    assert container(monitor)["lifecycle"] == {"preStop": {"sleep": {"seconds": sleep}}}
    assert pod(monitor)["terminationGracePeriodSeconds"] > sleep + drain


def test_no_sleep_of_zero_seconds(monitor: Monitor) -> None:
    assert not container(made(monitor, shutdown={"deregistrationSeconds": 0})).get("lifecycle")


def test_probes(monitor: Monitor) -> None:
    only = container(made(monitor, port=9000))
    probes = {kind: only[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")}
    paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items()}
    assert paths == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}
    assert all(probe["httpGet"]["port"] == 9000 for probe in probes.values())
    tolerated = {kind: probe["periodSeconds"] * probe["failureThreshold"] for kind, probe in probes.items()}
    assert tolerated["readiness"] < tolerated["liveness"], "out of load balancing before a restart"


@pytest.mark.parametrize("seconds", [5, 9, 60, 64])
def test_a_start_may_take_all_the_seconds_it_was_given(monitor: Monitor, seconds: int) -> None:
    probe = container(made(monitor, health={"startupSeconds": seconds}))["startupProbe"]
    assert seconds <= probe["periodSeconds"] * probe["failureThreshold"] < seconds + 5


def test_resources_and_ports(monitor: Monitor) -> None:
    only = container(made(monitor, metricsPort=9797))
    assert only["image"] == IMAGE
    assert only["resources"] == {"requests": {"cpu": "500m", "memory": "128Mi"}, "limits": {"cpu": "1000m", "memory": "256Mi"}}
    assert [(port["name"], port["containerPort"]) for port in only["ports"]] == [("http", 8080), ("metrics", 9797)]
    (port,) = monitor.inputs("core/v1:Service")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, 8080)


def test_the_service_is_a_load_balancer_over_all_nodes(monitor: Monitor) -> None:
    spec = made(monitor).inputs("core/v1:Service")["spec"]
    assert (spec["type"], spec["externalTrafficPolicy"]) == ("LoadBalancer", "Cluster")


def test_pods_are_restricted(monitor: Monitor) -> None:
    made(monitor)
    labels = monitor.inputs("core/v1:Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    context = container(monitor)["securityContext"]
    assert context["allowPrivilegeEscalation"] is context["privileged"] is False
    assert context["readOnlyRootFilesystem"] is context["runAsNonRoot"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    for level in (context, pod(monitor)["securityContext"]):
        assert level["runAsUser"] > 0
        assert level["seccompProfile"] == {"type": "RuntimeDefault"}


def test_pods_get_no_token(monitor: Monitor) -> None:
    made(monitor)
    assert pod(monitor)["automountServiceAccountToken"] is False
    assert monitor.inputs("core/v1:ServiceAccount")["automountServiceAccountToken"] is False
    assert pod(monitor)["serviceAccountName"] == monitor.inputs("core/v1:ServiceAccount")["metadata"]["name"]


def test_a_lost_node_is_given_up_on_sooner_than_by_default(monitor: Monitor) -> None:
    tolerations = pod(made(monitor))["tolerations"]
    assert {t["key"]: t["tolerationSeconds"] for t in tolerations} == {
        "node.kubernetes.io/not-ready": 30, "node.kubernetes.io/unreachable": 30}
    assert all(t["effect"] == "NoExecute" and t["operator"] == "Exists" for t in tolerations)
