"""Each kind of change, as the engine's preview tells it, and what it does to availability."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ops.review.effect import Effect
from ops.review.judge import Judged, judge
from ops.review.preview import SECRET, read

CONTAINER = {
    "name": "backend",
    "image": "web:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "resources": {"requests": {"cpu": "500m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
    "lifecycle": {"preStop": {"sleep": {"seconds": 35}}},
    "ports": [{"name": "http", "containerPort": 8080}],
}
SIDECAR = {
    "name": "proxy",
    "image": "proxy:1",
    "restartPolicy": "Always",
    "ports": [{"name": "admin", "containerPort": 9001}],
    "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
    "startupProbe": {"tcpSocket": {"port": 9001}},
    "livenessProbe": {"tcpSocket": {"port": 9001}, "periodSeconds": 5},
}
SPREAD = [{"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]
BEFORE: dict[str, dict[str, Any]] = {
    "apps/v1:Deployment": {
        "metadata": {"name": "web", "labels": {"team": "shop"}},
        "spec": {
            "replicas": 3,
            "minReadySeconds": 5,
            "progressDeadlineSeconds": 300,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "containers": [CONTAINER],
                    "initContainers": [SIDECAR],
                    "topologySpreadConstraints": SPREAD,
                    "terminationGracePeriodSeconds": 60,
                },
            },
        },
    },
    "core/v1:Service": {
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "web"},
            "externalTrafficPolicy": "Local",
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        }
    },
    "autoscaling/v2:HorizontalPodAutoscaler": {
        "spec": {
            "minReplicas": 3,
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
        }
    },
    "policy/v1:PodDisruptionBudget": {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}},
    "networking.k8s.io/v1:NetworkPolicy": {
        "spec": {
            "podSelector": {"matchLabels": {"app": "web"}},
            "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}, {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        }
    },
    "core/v1:ResourceQuota": {"spec": {"hard": {"pods": "36"}}},
    "core/v1:ConfigMap": {"data": {"LEVEL": "info"}},
    "core/v1:Secret": {"stringData": {"KEY": SECRET}},
    "networking.k8s.io/v1:Ingress": {
        "spec": {"rules": [{"host": "a.example"}], "tls": [{"hosts": ["a.example"], "secretName": "a-tls"}]}
    },
    "gateway.networking.k8s.io/v1:HTTPRoute": {
        "spec": {
            "parentRefs": [{"name": "edge"}],
            "hostnames": ["a.example"],
            "rules": [{"timeouts": {"request": "30s"}, "backendRefs": [{"name": "web", "port": 80}]}],
        }
    },
    "core/v1:Namespace": {"metadata": {"name": "web"}},
    "core/v1:ServiceAccount": {"metadata": {"name": "web"}, "automountServiceAccountToken": False},
    "monitoring.coreos.com/v1:PrometheusRule": {"spec": {"groups": [{"name": "web"}]}},
    "monitoring.coreos.com/v1:PodMonitor": {"spec": {"selector": {}}},
    "example.com/v1:Widget": {"spec": {"size": 1}},
}
GONE = object()
FRESH = {"op": "create", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "newState": {"inputs": {}}}
POD, BACKEND = "spec.template.spec.", "spec.template.spec.containers.0."
BESIDE = "spec.template.spec.initContainers.0."


def urn(kind: str, name: str = "web") -> str:
    return f"urn:pulumi:prod::shop::kubernetes:{kind}::{name}"


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """The inputs with one field set, or taken out."""
    inputs = copy.deepcopy(BEFORE[kind])
    *parents, last = path.split(".")
    at: Any = inputs
    for word in parents:
        at = at[int(word)] if isinstance(at, list) else at.setdefault(word, {})
    if value is GONE:
        del at[int(last) if isinstance(at, list) else last]
    elif isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return inputs


def judged(*steps: dict[str, Any]) -> list[Judged]:
    return judge(read(json.dumps({"steps": steps}), "here"))


def step(kind: str, op: str, old: Any = None, new: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "op": op,
        "urn": urn(kind),
        **({"oldState": {"inputs": old, **more.pop("state", {})}} if old else {}),
        **({"newState": {"inputs": new}} if new else {}),
        **more,
    }


NONE, RESTART, LOWER, WEAKER, OUTAGE = Effect
DEPLOYMENT, SERVICE, SCALER, BUDGET, POLICY = list(BEFORE)[:5]
ROUTE, ALERTS = "gateway.networking.k8s.io/v1:HTTPRoute", "monitoring.coreos.com/v1:PrometheusRule"


@pytest.mark.parametrize(
    ("kind", "path", "value", "effects"),
    [
        (DEPLOYMENT, f"{BACKEND}image", "web:2", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}env.0.value", "9", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}env", [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}], {RESTART}),
        (DEPLOYMENT, f"{BACKEND}resources.requests.cpu", "0.5", {NONE}),
        (DEPLOYMENT, f"{BACKEND}resources.requests.cpu", 1, {RESTART}),
        (DEPLOYMENT, f"{BACKEND}resources.limits.memory", "128Mi", {RESTART, LOWER}),
        (DEPLOYMENT, f"{BACKEND}readinessProbe", GONE, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}readinessProbe.httpGet.path", "/ready", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}lifecycle", GONE, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.preStop.sleep.seconds", 5, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.preStop.sleep.seconds", 50, {RESTART}),
        (DEPLOYMENT, f"{POD}terminationGracePeriodSeconds", 10, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}topologySpreadConstraints", GONE, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}topologySpreadConstraints.0.whenUnsatisfiable", "ScheduleAnyway", {RESTART, WEAKER}),
        (DEPLOYMENT, "spec.template.metadata.labels.version", "2", {RESTART}),
        (DEPLOYMENT, "spec.template.metadata.annotations", {"a": "b"}, {RESTART}),
        (DEPLOYMENT, f"{BESIDE}image", "proxy:2", {RESTART}),
        (DEPLOYMENT, f"{BESIDE}resources.limits.cpu", "50m", {RESTART, LOWER}),
        (DEPLOYMENT, f"{BESIDE}startupProbe", GONE, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BESIDE}restartPolicy", GONE, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BESIDE}livenessProbe.periodSeconds", 50, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}initContainers", GONE, {RESTART}),
        (DEPLOYMENT, f"{POD}volumes", [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}], {RESTART}),
        (DEPLOYMENT, f"{POD}nodeSelector", {"pool": "web"}, {RESTART, WEAKER}),
        (
            DEPLOYMENT,
            f"{POD}affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
            {"nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]},
            {RESTART, WEAKER},
        ),
        (DEPLOYMENT, "metadata.labels.team", "other", {NONE}),
        (DEPLOYMENT, "spec.replicas", 2, {LOWER}),
        (DEPLOYMENT, "spec.replicas", 0, {OUTAGE}),
        (DEPLOYMENT, "spec.replicas", 5, {NONE}),
        (DEPLOYMENT, "spec.replicas", GONE, {LOWER}),
        (DEPLOYMENT, "spec.minReadySeconds", 1, {WEAKER}),
        (DEPLOYMENT, "spec.progressDeadlineSeconds", 60, {NONE}),
        (DEPLOYMENT, "spec.strategy", {"type": "Recreate"}, {WEAKER}),
        (DEPLOYMENT, "spec.strategy.rollingUpdate.maxUnavailable", "50%", {WEAKER}),
        (DEPLOYMENT, "spec.strategy.rollingUpdate.maxSurge", 1, {NONE}),
        (SERVICE, "spec.selector", {"app": "other"}, {OUTAGE}),
        (SERVICE, "spec.type", "ClusterIP", {OUTAGE}),
        (SERVICE, "spec.ports.0.port", 8080, {OUTAGE}),
        (SERVICE, "spec.ports.0.targetPort", 9090, {OUTAGE}),
        (SERVICE, "spec.ports.0.targetPort", "admin", {OUTAGE}),
        (
            SERVICE,
            "spec.ports",
            [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "tls", "port": 443}],
            {NONE},
        ),
        (SERVICE, "spec.externalTrafficPolicy", "Cluster", {WEAKER}),
        (SERVICE, "spec.publishNotReadyAddresses", True, {WEAKER}),
        (SERVICE, "metadata.annotations", {"team": "x"}, {NONE}),
        (SCALER, "spec.minReplicas", 2, {LOWER}),
        (SCALER, "spec.minReplicas", 4, {NONE}),
        (SCALER, "spec.maxReplicas", 5, {LOWER}),
        (SCALER, "spec.metrics.0.resource.target.averageUtilization", 90, {LOWER}),
        (SCALER, "spec.metrics.0.resource.target.averageUtilization", 50, {NONE}),
        (SCALER, "spec.behavior.scaleDown.stabilizationWindowSeconds", 60, {NONE}),
        (BUDGET, "spec.maxUnavailable", 2, {WEAKER}),
        (BUDGET, "spec.maxUnavailable", 0, {WEAKER}),
        (BUDGET, "spec.selector.matchLabels.app", "other", {WEAKER}),
        (POLICY, "spec.egress.1", GONE, {WEAKER}),
        (
            POLICY,
            "spec.egress",
            [*BEFORE["networking.k8s.io/v1:NetworkPolicy"]["spec"]["egress"], {"ports": [{"port": 5432}]}],
            {NONE},
        ),
        (POLICY, "spec.podSelector", {}, {WEAKER}),
        ("core/v1:ResourceQuota", "spec.hard.pods", "12", {LOWER}),
        ("core/v1:ResourceQuota", "spec.hard.pods", "50", {NONE}),
        ("core/v1:ConfigMap", "data.LEVEL", "debug", {NONE}),
        ("networking.k8s.io/v1:Ingress", "spec.rules.0.host", "b.example", {OUTAGE}),
        ("networking.k8s.io/v1:Ingress", "spec.tls", GONE, {OUTAGE}),
        ("networking.k8s.io/v1:Ingress", "spec.tls.0.secretName", "other", {NONE}),
        ("networking.k8s.io/v1:Ingress", "metadata.annotations", {"a": "b"}, {NONE}),
        (ROUTE, "spec.hostnames.0", "b.example", {OUTAGE}),
        (ROUTE, "spec.rules.0.backendRefs.0.port", 81, {OUTAGE}),
        (ROUTE, "spec.rules.0.timeouts.request", "10s", {WEAKER}),
        (ROUTE, "spec.rules.0.timeouts.request", "500ms", {WEAKER}),
        (ROUTE, "spec.rules.0.timeouts.request", "1m", {NONE}),
        (ROUTE, "spec.rules.0.timeouts", GONE, {NONE}),
        ("core/v1:ServiceAccount", "metadata.labels", {"team": "x"}, {NONE}),
    ],
)
def test_an_update(kind: str, path: str, value: Any, effects: set[Effect]) -> None:
    [found] = judged(step(kind, "update", BEFORE[kind], changed(kind, path, value)))
    assert {finding.effect for finding in found.findings} == effects
    assert found.effect == max(effects)
    assert found.known
    if effects != {NONE}:
        worst = max(found.findings, key=lambda finding: finding.effect)
        assert worst.fields
        assert worst.why


def test_a_recreated_deployment_whose_pods_change_is_an_outage_now() -> None:
    new = changed(DEPLOYMENT, f"{BACKEND}image", "web:2")
    new["spec"]["strategy"] = {"type": "Recreate"}
    [found] = judged(step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], new))
    assert found.effect is OUTAGE


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        (DEPLOYMENT, OUTAGE),
        (SERVICE, OUTAGE),
        ("core/v1:Namespace", OUTAGE),
        (SCALER, WEAKER),
        (BUDGET, WEAKER),
        (POLICY, WEAKER),
        ("core/v1:ConfigMap", NONE),
        ("core/v1:ResourceQuota", NONE),
        (ROUTE, OUTAGE),
        (ALERTS, WEAKER),
        ("monitoring.coreos.com/v1:PodMonitor", NONE),
        ("networking.k8s.io/v1:Ingress", OUTAGE),
    ],
)
def test_deleted_replaced_and_made(kind: str, effect: Effect) -> None:
    old = BEFORE[kind]
    new = {**old, "metadata": {"name": "other"}}
    assert judged(step(kind, "delete", old))[0].effect is effect
    assert judged(step(kind, "delete", old, state={"retainOnDelete": True}))[0].effect is NONE
    for ops in (
        ["create-replacement", "replace", "delete-replaced"],
        ["delete-replaced", "replace", "create-replacement"],
    ):
        [found] = judged(
            *(
                step(kind, op, old, None if op == "delete-replaced" else new, replaceReasons=["metadata.name"])
                for op in ops
            )
        )
        assert found.effect is effect, ops
    assert judged(FRESH, step(kind, "create", None, new))[0].effect is NONE
    assert judged(step(kind, "import", None, new))[0].effect is NONE


def test_a_replaced_provider_takes_everything_with_it() -> None:
    provider = "urn:pulumi:prod::shop::pulumi:providers:kubernetes::cluster"
    [found] = judged(
        {
            "op": "replace",
            "urn": provider,
            "oldState": {"inputs": {"clusterIdentifier": "a"}},
            "newState": {"inputs": {"clusterIdentifier": "b"}},
            "replaceReasons": ["clusterIdentifier"],
        }
    )
    assert found.effect is OUTAGE
    assert [field.path for field in found.findings[0].fields] == ["clusterIdentifier"]
    [found] = judged(
        {
            "op": "update",
            "urn": provider,
            "oldState": {"inputs": {"kubeconfig": SECRET}},
            "newState": {"inputs": {"kubeconfig": SECRET}},
            "diffReasons": ["kubeconfig"],
        }
    )
    assert found.effect is NONE


def test_a_secret_that_changes_is_named_and_not_shown() -> None:
    old = BEFORE["core/v1:Secret"]
    [found] = judged(step("core/v1:Secret", "update", old, old, detailedDiff={"stringData.KEY": {"kind": "UPDATE"}}))
    assert [(field.path, field.after) for field in found.findings[0].fields] == [("stringData.KEY", SECRET)]


def test_what_is_not_known_says_so() -> None:
    kind = "example.com/v1:Widget"
    [found] = judged(step(kind, "update", BEFORE[kind], changed(kind, "spec.size", 2)))
    assert not found.known
    assert found.effect is NONE


def test_what_does_not_change_is_not_listed() -> None:
    assert judged(step(DEPLOYMENT, "same", BEFORE[DEPLOYMENT], BEFORE[DEPLOYMENT])) == []
