"""Settings that are each valid and contradict one another are rejected with a remedy, and the remedy works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.pod_templates import own
from tests.support.problems import EXISTING, accepted, rejected, row_id

SMALL = {"cpu": "1m", "memory": "64Mi"}
METRICS_PORT = {"metricsPort": 9000}
SLOW = {"httpGet": {"port": 8080, "path": "/readyz/"}}  # every 10 s, three times
TOGETHER: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
    (
        {"autoscaling": {"maxReplicas": 2}},
        "autoscaling.maxReplicas",
        "must be above replicas (3)",
        {"autoscaling": {"maxReplicas": 4}},
    ),
    (
        {"autoscaling": {"maxReplicas": 3}},
        "autoscaling.maxReplicas",
        "raise it, lower replicas",
        {"autoscaling": {"maxReplicas": 3}, "replicas": 2},
    ),
    (
        {"replicas": 10},
        "autoscaling.maxReplicas",
        "set autoscaling.enabled to false",
        {"replicas": 10, "autoscaling": {"enabled": False}},
    ),
    (
        {"autoscaling": {"cpuPercent": None}},
        "autoscaling.cpuPercent",
        "set it, for example to 60",
        {"autoscaling": {"cpuPercent": 60}},
    ),
    (
        {"autoscaling": {"cpuPercent": None, "podMetrics": [], "externalMetrics": []}},
        "autoscaling.cpuPercent",
        "another metric",
        {"autoscaling": {"cpuPercent": None, "memoryPercent": 60}},
    ),
    (
        {"network": {"allowMetricsFrom": ["monitoring"]}},
        "network.allowMetricsFrom",
        "allows access to a port that does not exist: set metricsPort",
        {"network": {"allowMetricsFrom": ["monitoring"]}, **METRICS_PORT},
    ),
    (
        {"network": {"egress": [{"ports": [443]}]}},
        "network.egress[0]",
        "must set exactly one of cidr and namespace",
        {"network": {"egress": [{"ports": [443], "namespace": "a"}]}},
    ),
    (
        {"network": {"egress": [{}]}},
        "network.egress[0]",
        "or add the missing key",
        {"network": {"egress": [{"cidr": "0.0.0.0/0"}]}},
    ),
    (
        {"network": {"egress": [{"namespace": "a"}, {"namespace": "a", "cidr": "10.0.0.0/8"}]}},
        "network.egress[1]",
        "split it into two entries",
        {"network": {"egress": [{"namespace": "a"}, {"cidr": "10.0.0.0/8"}]}},
    ),
    (
        {"labels": {"app.kubernetes.io/name": "x"}},
        "labels.app.kubernetes.io/name",
        "choose another key",
        {"labels": {"name": "x"}},
    ),
    (
        {"labels": {"app.kubernetes.io/managed-by": "x"}},
        "labels.app.kubernetes.io/managed-by",
        "is reserved by Kubernetes or by this component",
        {"labels": {"app.kubernetes.io/version": "x"}},
    ),
    (
        {"labels": {"pod-template-hash": "x"}},
        "labels.pod-template-hash",
        "choose another key",
        {"labels": {"template": "x"}},
    ),
    (
        {"labels": {"topology.kubernetes.io/zone": "x"}},
        "labels.topology.kubernetes.io/zone",
        "starts with your own domain and a slash",
        {"labels": {"example.org/zone": "x"}},
    ),
    (
        {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
        "labels.pod-security.kubernetes.io/enforce",
        "is reserved by Kubernetes or by this component",
        {"labels": {"enforce": "privileged"}},
    ),
    ({"labels": {"node.k8s.io/x": "y"}}, "labels.node.k8s.io/x", "choose another key", {"labels": {"x": "y"}}),
    ({"labels": {"k8s.io/x": "y"}}, "labels.k8s.io/x", "choose another key", {"labels": {"y": "x"}}),
    (
        {"resources": {"requests": {"cpu": "1001m", "memory": "64Mi"}}},
        "resources.requests.cpu",
        "is above resources.limits.cpu (1000m): lower the request",
        {"resources": {"requests": SMALL}},
    ),
    (
        {"resources": {"requests": {"cpu": "1m", "memory": "1G"}}},
        "resources.requests.memory",
        "raise the limit",
        {"resources": {"requests": {"cpu": "1m", "memory": "1G"}, "limits": {"cpu": "1", "memory": "1Gi"}}},
    ),
    (
        {"resources": {"limits": {"cpu": 0.25, "memory": "1Gi"}}},
        "resources.requests.cpu",
        "resources.limits.cpu (0.25)",
        {"resources": {"limits": {"cpu": 0.25, "memory": "1Gi"}, "requests": SMALL}},
    ),
    (
        own(
            livenessProbe={"httpGet": {"port": "http", "path": "/readyz?live"}, "periodSeconds": 5}, readinessProbe=SLOW
        ),
        "podTemplate.spec.containers[0].livenessProbe.failureThreshold",
        "restarts a pod as soon as it is not ready (16 s, and readiness takes 31 s), because both probes ask the same",
        own(livenessProbe={"tcpSocket": {"port": "http"}}, readinessProbe=SLOW),
    ),
    (
        {**own(readinessProbe=SLOW), "health": {"readinessPath": "/ready"}},
        "health.readinessPath",
        "has no effect, because podTemplate.spec.containers[0].readinessProbe takes its place",
        own(readinessProbe=SLOW),
    ),
    (
        own(readinessProbe={"grpc": {"port": 9000}, "httpGet": {"port": 80}}),
        "podTemplate.spec.containers[0].readinessProbe",
        "needs exactly one of exec, grpc, httpGet, tcpSocket: omit the others",
        own(readinessProbe={"grpc": {"port": 9000}}),
    ),
    (
        own(livenessProbe={"tcpSocket": {"port": "web"}}),
        "podTemplate.spec.containers[0].livenessProbe.tcpSocket.port",
        "is no port of the container, so the probe never succeeds: use one of http, or a number",
        own(livenessProbe=None),
    ),
    (
        {"protocol": "udp"},
        "protocol",
        "has no default probe, because the kubelet sends no UDP",
        {"protocol": "udp", **own(readinessProbe={"exec": {"command": ["/ready"]}})},
    ),
    (
        {"overrides": {"service": {"spec": {"publishNotReadyAddresses": True}}}},
        "overrides.service.spec.publishNotReadyAddresses",
        "would send requests to pods that are not ready, so every rollout fails some",
        {"overrides": {"service": {"spec": {"sessionAffinity": "ClientIP"}}}},
    ),
    (
        {"overrides": {"service": {"spec": {"ports": [{"port": 9000}]}}}},
        "overrides.service.spec.ports[0]",
        "has no name, which each of several ports needs: set name",
        {"overrides": {"service": {"spec": {"ports": [{"port": 9000, "name": "admin"}]}}}},
    ),
    (
        {"overrides": {"service": {"spec": {"ports": [{"port": 9000, "name": "admin", "targetPort": "admin"}]}}}},
        "overrides.service.spec.ports[0].targetPort",
        "is no port of a container",
        {
            "overrides": {"service": {"spec": {"ports": [{"port": 9000, "name": "admin", "targetPort": "admin"}]}}},
            **own(ports=[{"name": "admin", "containerPort": 9000}]),
        },
    ),
    (
        {"overrides": {"deployment": {"spec": {"strategy": {"type": "Recreate"}}}}},
        "overrides.deployment.spec.strategy.type",
        "would end all pods before new ones start",
        {"overrides": {"deployment": {"spec": {"strategy": {"type": "RollingUpdate"}}}}},
    ),
    (
        {"overrides": {"deployment": {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "a lot"}}}}}},
        "overrides.deployment.spec.strategy.rollingUpdate.maxSurge",
        "must be an integer from 0 to 1000, or a percentage in quotes",
        {"overrides": {"deployment": {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "50%"}}}}}},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 1, "minAvailable": 2}},
        "disruptionBudget.maxUnavailable",
        "has no effect, because disruptionBudget.minAvailable takes its place",
        {"disruptionBudget": {"minAvailable": "50%"}, "autoscaling": {"enabled": False}},
    ),
    (
        {"shareEnvironment": ["proxy"]},
        "shareEnvironment[0]",
        "is no container of podTemplate",
        {},
    ),
    (
        {"autoscaling": {"triggers": [{"type": "cron"}]}},
        "autoscaling.triggers",
        "has no effect with autoscaling.owner: hpa",
        {"autoscaling": {"owner": "keda", "triggers": [{"type": "cron"}]}},
    ),
    (
        {"health": {"startupSeconds": 295}},
        "rollout.progressDeadlineSeconds",
        "above health.startupSeconds (295) + rollout.minReadySeconds (5)",
        {"health": {"startupSeconds": 295}, "rollout": {"progressDeadlineSeconds": 301}},
    ),
    (
        {"rollout": {"progressDeadlineSeconds": 65}},
        "rollout.progressDeadlineSeconds",
        "must be above",
        {"rollout": {"progressDeadlineSeconds": 66}},
    ),
    (
        {"rollout": {"minReadySeconds": 240}},
        "rollout.progressDeadlineSeconds",
        "rollout.minReadySeconds (240)",
        {"rollout": {"minReadySeconds": 239}},
    ),
    (
        {"shutdown": {"deregistrationSeconds": 10}},
        "shutdown.deregistrationSeconds",
        "loadBalancer.healthCheckSeconds (30) + 3 seconds: raise it to 33",
        {"shutdown": {"deregistrationSeconds": 33}},
    ),
    (
        {"shutdown": {"deregistrationSeconds": 32}},
        "shutdown.deregistrationSeconds",
        "with loadBalancer.externalTrafficPolicy: Local",
        {"shutdown": {"deregistrationSeconds": 5}, "loadBalancer": {"externalTrafficPolicy": "Cluster"}},
    ),
    (
        {"loadBalancer": {"healthCheckSeconds": 33}},
        "shutdown.deregistrationSeconds",
        "35 is too short",
        {"loadBalancer": {"healthCheckSeconds": 32}},
    ),
    (
        {"loadBalancer": {"healthCheckSeconds": 300}},
        "shutdown.deregistrationSeconds",
        "raise it to 303",
        {"loadBalancer": {"healthCheckSeconds": 300}, "shutdown": {"deregistrationSeconds": 303}},
    ),
    (
        {"loadBalancer": {"healthCheckSeconds": 4}, "shutdown": {"deregistrationSeconds": 6}},
        "shutdown.deregistrationSeconds",
        "raise it to 7",
        {"loadBalancer": {"healthCheckSeconds": 4}, "shutdown": {"deregistrationSeconds": 7}},
    ),
    (
        {"generatedSecrets": {"names": ["KEY", "KEY"]}},
        "generatedSecrets.names",
        "'KEY' occurs more than once",
        {"generatedSecrets": {"names": ["KEY"]}},
    ),
    (
        {"generatedSecrets": {"names": ["A"]}, "environment": {"A": ""}},
        "generatedSecrets.names",
        "'A' is also in environment",
        {"generatedSecrets": {"names": ["A"]}},
    ),
]


@pytest.mark.parametrize(("given", "key", "text", "_"), TOGETHER, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(given: dict[str, Any], key: str, text: str, _: object) -> None:
    problems = rejected({"image": IMAGE, **given}, EXISTING)
    assert list(problems) == [f"backend.{key}"]
    assert text in problems[f"backend.{key}"]


@pytest.mark.parametrize(("_", "key", "text", "fixed"), TOGETHER, ids=row_id)
def test_the_remedy_is_accepted(_: object, key: str, text: str, fixed: dict[str, Any]) -> None:
    assert accepted(fixed, EXISTING).backend.image == IMAGE


@pytest.mark.parametrize(
    "given",
    [
        {"replicas": 20, "autoscaling": {"enabled": False, "maxReplicas": 2}},
        {"autoscaling": {"enabled": False, "cpuPercent": None}},
        {"autoscaling": {"cpuPercent": None, "memoryPercent": 60}},
        {"resources": {"requests": {"cpu": "1", "memory": "256Mi"}}},
        {"health": {"readinessPath": "/livez", "startupPath": "/livez"}},
        {
            "loadBalancer": {"externalTrafficPolicy": "Cluster", "healthCheckSeconds": 300},
            "shutdown": {"deregistrationSeconds": 5},
        },
        {"loadBalancer": {"healthCheckSeconds": 1}, "shutdown": {"deregistrationSeconds": 5}},
        {"labels": {"notk8s.io/x": "y"}},
        {"labels": {"my-kubernetes.io/x": "y"}},
        {"labels": {"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/version": "1.2"}},
    ],
)
def test_settings_that_do_not_conflict(given: dict[str, Any]) -> None:
    accepted(given, EXISTING)
