"""The resources that the component registers, and the fields that keep the backend available."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from components.settings import SettingsError
from tests.support.fake_engine import IMAGE, Monitor
from tests.support.pod_templates import own, spec

NAME = "backend-service"
SELECTOR = {"app.kubernetes.io/name": NAME}
FULL: dict[str, Any] = {"environment": {"A": "1"}, "generatedSecrets": {"names": ["SESSION_KEY"]}}


def test_all_objects_exist_once(monitor: Monitor) -> None:
    kinds = sorted(r.type.rpartition(":")[2] for r in monitor.make(**FULL).requests if r.custom)
    assert kinds == [
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "RandomPassword",
        "ResourceQuota",
        "Secret",
        "Service",
        "ServiceAccount",
    ]


def test_empty_objects_are_not_registered(monitor: Monitor) -> None:
    monitor.make()
    assert not monitor.all("core/v1:ConfigMap") + monitor.all("core/v1:Secret")
    assert not monitor.container().get("envFrom")


def test_every_selector_is_the_same_constant_label(monitor: Monitor) -> None:
    monitor.make(**FULL)
    deployment = monitor.inputs("apps/v1:Deployment")["spec"]
    assert deployment["selector"] == {"matchLabels": SELECTOR}
    assert SELECTOR.items() <= deployment["template"]["metadata"]["labels"].items()
    assert monitor.inputs("core/v1:Service")["spec"]["selector"] == SELECTOR
    assert monitor.inputs("policy/v1:PodDisruptionBudget")["spec"]["selector"] == {"matchLabels": SELECTOR}
    spreads = monitor.pod()["topologySpreadConstraints"]
    assert [spread["labelSelector"] for spread in spreads] == [{"matchLabels": SELECTOR}] * 2


def test_a_rollout_terminates_a_pod_only_after_a_new_one_is_ready(monitor: Monitor) -> None:
    spec = monitor.make().inputs("apps/v1:Deployment")["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
    assert (spec["minReadySeconds"], spec["progressDeadlineSeconds"], spec["replicas"]) == (5, 300, 3)


def test_by_default_one_pod_is_evicted_at_a_time(monitor: Monitor) -> None:
    spec = monitor.make().inputs("policy/v1:PodDisruptionBudget")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    assert "minAvailable" not in spec


def test_the_settings_may_allow_more_evictions(monitor: Monitor) -> None:
    monitor.make(replicas=6, disruptionBudget={"maxUnavailable": 2})
    assert monitor.inputs("policy/v1:PodDisruptionBudget")["spec"]["maxUnavailable"] == 2


@pytest.mark.parametrize(("sleep", "drain"), [(35, 20), (120, 1), (33, 300), (3600, 3600)])
def test_a_terminating_pod_serves_until_it_is_deregistered(monitor: Monitor, sleep: int, drain: int) -> None:
    monitor.make(shutdown={"deregistrationSeconds": sleep, "drainSeconds": drain})
    assert monitor.container()["lifecycle"] == {"preStop": {"sleep": {"seconds": sleep}}}
    assert monitor.pod()["terminationGracePeriodSeconds"] > sleep + drain


def test_its_own_hook_takes_the_place_of_the_sleep(monitor: Monitor) -> None:
    hooks = {"preStop": {"exec": {"command": ["/wait-shutdown"]}}}
    monitor.make(**own(lifecycle=hooks), shutdown={"deregistrationSeconds": 40, "drainSeconds": 5})
    assert monitor.container()["lifecycle"] == hooks
    assert monitor.pod()["terminationGracePeriodSeconds"] == 50


def test_without_a_limit_no_disk_space_is_requested(monitor: Monitor) -> None:
    monitor.make(resources={"tmpSizeLimit": None}, **spec(volumes=[{"name": "cache", "emptyDir": {}}]))
    assert [set(each) for each in monitor.container()["resources"].values()] == [{"cpu", "memory"}] * 2
    assert {each["name"]: each["emptyDir"] for each in monitor.pod()["volumes"]} == {"tmp": {}, "cache": {}}
    (limits,) = monitor.inputs("core/v1:LimitRange")["spec"]["limits"]
    assert set(limits["default"]) == set(limits["defaultRequest"]) == {"cpu", "memory"}


def test_a_stated_port_range_is_not_stated_twice(monitor: Monitor) -> None:
    stated = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]
    monitor.make(port=80, **spec(securityContext={"sysctls": stated}))
    assert monitor.pod()["securityContext"]["sysctls"] == stated


def test_probes(monitor: Monitor) -> None:
    only = monitor.make(port=9000).container()
    probes = {kind: only[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")}
    paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items()}
    assert paths == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}
    assert all(probe["httpGet"]["port"] == 9000 for probe in probes.values())
    tolerated = {kind: probe["periodSeconds"] * probe["failureThreshold"] for kind, probe in probes.items()}
    assert tolerated["readiness"] < tolerated["liveness"], "out of load balancing before a restart"


@pytest.mark.parametrize("seconds", [5, 9, 60, 64])
def test_a_start_may_take_startup_seconds(monitor: Monitor, seconds: int) -> None:
    probe = monitor.make(health={"startupSeconds": seconds}).container()["startupProbe"]
    assert seconds <= probe["periodSeconds"] * probe["failureThreshold"] < seconds + 5


def test_resources_and_ports(monitor: Monitor) -> None:
    only = monitor.make(metricsPort=9797).container()
    assert only["image"] == IMAGE
    written = "320Mi"
    assert only["resources"] == {
        "requests": {"cpu": "500m", "memory": "128Mi", "ephemeral-storage": written},
        "limits": {"cpu": "1000m", "memory": "256Mi", "ephemeral-storage": written},
    }
    assert [(port["name"], port["containerPort"]) for port in only["ports"]] == [("http", 8080), ("metrics", 9797)]
    (port,) = monitor.inputs("core/v1:Service")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")
    assert "appProtocol" not in port


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ({}, "Local"),
        ({"loadBalancer": {"externalTrafficPolicy": "Local"}}, "Local"),
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster"}, "shutdown": {"deregistrationSeconds": 5}}, "Cluster"),
    ],
)
def test_the_service_has_the_traffic_policy_of_the_settings(
    monitor: Monitor, given: dict[str, Any], policy: str
) -> None:
    spec = monitor.make(**given).inputs("core/v1:Service")["spec"]
    assert (spec["type"], spec["externalTrafficPolicy"]) == ("LoadBalancer", policy)
    assert "healthCheckNodePort" not in spec, "the cluster assigns it"


def test_a_deregistration_shorter_than_the_health_check_is_rejected(monitor: Monitor) -> None:
    with pytest.raises(SettingsError, match=r"shutdown\.deregistrationSeconds: 34 .* raise it to 43"):
        monitor.make(loadBalancer={"healthCheckSeconds": 40}, shutdown={"deregistrationSeconds": 34})


def test_pods_are_restricted(monitor: Monitor) -> None:
    monitor.make()
    labels = monitor.inputs("core/v1:Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    context = monitor.container()["securityContext"]
    assert context["allowPrivilegeEscalation"] is context["privileged"] is False
    assert context["readOnlyRootFilesystem"] is context["runAsNonRoot"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    for level in (context, monitor.pod()["securityContext"]):
        assert level["runAsUser"] > 0
        assert level["seccompProfile"] == {"type": "RuntimeDefault"}


def test_pods_have_no_service_account_token(monitor: Monitor) -> None:
    monitor.make()
    assert monitor.pod()["automountServiceAccountToken"] is False
    assert monitor.inputs("core/v1:ServiceAccount")["automountServiceAccountToken"] is False
    assert monitor.pod()["serviceAccountName"] == monitor.inputs("core/v1:ServiceAccount")["metadata"]["name"]


def test_the_component_imports_no_more_than_it_needs() -> None:
    """Each version of an API group costs import time, and what starts a cluster is for clusters only."""
    program = "import sys, components.backend; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    groups = {".".join(name.split(".")[1:3]) for name in modules if name.startswith("pulumi_kubernetes.")}
    versions = {group for group in groups if group.partition(".")[2].startswith("v")}
    assert versions == {"apps.v1", "autoscaling.v2", "core.v1", "meta.v1", "networking.v1", "policy.v1"}
    assert not [
        name for name in modules if name.startswith(("components.devcluster", "components.runtime", "requests"))
    ]
