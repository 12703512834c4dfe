"""Strategies for settings that depend on one another, or whose values are in no schema."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.strategies import texts
from tests.support.strategies.texts import mostly, whole

_Any = st.SearchStrategy[Any]
_PORTS = st.lists(whole(1, 65535), max_size=3)

# What depends on other settings is drawn so that it often goes together; all else comes from the schema alone.
CHOSEN: dict[str, _Any] = {
    "cluster.kubeconfig": st.sampled_from(["~/.kube/config", "/etc/kubernetes/admin.conf", "ünï"]),
    "cluster.context": st.sampled_from(["production", "kind-kind", "日本 🚀"]),
    "cluster.identifier": st.sampled_from(["one", "日本 🚀"]),
    "cluster.nodesPerZone": mostly(st.integers(1, 3), whole(1, 50)),
    "cluster.management.kubeconfig": st.just("~/.kube/management"),
    "cluster.management.context": st.sampled_from(["management", "日本 🚀"]),
    "cluster.version": st.sampled_from(["1.36.3", "1.35.0", "1.36.3", "1.34.1-gke.100"]),
    "cluster.aws.instanceProfile": st.sampled_from(["nodes", "a+b=c,d.e@f_g-h"]),
    "cluster.google.project": st.sampled_from(["shop-1234", "example.com:shop"]),
    "cluster.development.controlPlaneMachines": mostly(st.sampled_from([1, 3, 5]), st.integers(1, 5)),
    "cluster.podCidrs[]": st.sampled_from(["192.168.0.0/16", "10.0.0.0/8", "10.20.0.0/16"]),
    "cluster.serviceCidrs[]": st.sampled_from(["10.128.0.0/12", "172.16.0.0/16"]),
    "cluster.workers[].maxMachinesPerZone": st.none() | whole(50, 300),
    "cluster.workers[].machinesPerZone": mostly(st.integers(1, 3), whole(1, 50)),
    "cluster.clusterClass.variables[]": st.sampled_from(["x", 3, True]),
    "backend.image": texts.image(),
    "backend.replicas": mostly(st.integers(2, 8), whole(1, 1000)),
    "backend.survive": st.sampled_from(["pod", "node", "zone"]),
    "backend.autoscaling.enabled": st.sampled_from([True, True, False]),
    "backend.autoscaling.maxReplicas": mostly(st.integers(7, 40), whole(1, 1000)),
    "backend.autoscaling.cpuPercent": mostly(st.integers(10, 50), st.integers(10, 100) | st.none()),
    "backend.autoscaling.memoryPercent": mostly(st.integers(10, 60) | st.none(), st.integers(10, 100)),
    **{f"backend.autoscaling.{kind}[].averageValue": texts.cpu(1, 10**6) for kind in ("podMetrics", "externalMetrics")},
    "backend.resources.requests.cpu": mostly(texts.cpu(1, 500), texts.cpu(1, 5000)),
    "backend.resources.requests.memory": mostly(texts.memory(4, 256), texts.memory(4, 9000)),
    "backend.resources.limits.cpu": texts.cpu(500, 5000),
    "backend.resources.limits.memory": texts.memory(256, 9000),
    "backend.resources.tmpSizeLimit": mostly(texts.memory(4, 4096), texts.memory(4, 99999)),
    "backend.mesh": st.sampled_from([*["none"] * 5, "istio", "istio-ambient", "linkerd"]),
    **{
        f"backend.meshOptions.proxy.{side}.{key}": amount
        for side, key, amount in (
            ("requests", "cpu", texts.cpu(1, 1000)),
            ("requests", "memory", texts.memory(4, 512)),
            ("limits", "cpu", texts.cpu(1000, 4000)),
            ("limits", "memory", texts.memory(512, 4096)),
        )
    },
    "backend.resources.limits": st.fixed_dictionaries({"cpu": texts.cpu(500, 5000), "memory": texts.memory(256, 9000)}),
    "backend.protocol": st.sampled_from(["http", "http", "https"]),
    "backend.createNamespace": st.just(True),
    "backend.autoscaling.owner": st.just("hpa"),
    "backend.autoscaling.triggers": st.just([]),
    "backend.disruptionBudget.minAvailable": st.none(),
    "backend.ingress.paths": st.sampled_from([[], [{"path": "/api", "pathType": "Exact", "port": None}]]),
    "backend.route.kind": st.just("HTTPRoute"),
    "backend.route.rules": st.just([]),
    "backend.files": st.sampled_from([{}, {"/etc/app/config.yaml": "level: 1"}]),
    "backend.shareEnvironment": st.just([]),
    "backend.releaseJob": st.sampled_from(
        [None, {}, {"command": ["/migrate"], "args": ["up"], "timeoutSeconds": 600, "retries": 2}]
    ),
    "backend.extraObjects": st.sampled_from(
        [[], [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}, "data": {"a": "1"}}]]
    ),
    **{
        f"backend.rbac.{kind}[]": st.just({"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]})
        for kind in ("rules", "clusterRules")
    },
    "backend.overrides.service": st.sampled_from(
        [{}, {"metadata": {"annotations": {"a": "b"}}, "spec": {"sessionAffinity": "ClientIP"}}]
    ),
    "backend.overrides.serviceAccount": st.sampled_from([{}, {"imagePullSecrets": [{"name": "registry"}]}]),
    "backend.overrides.deployment": st.sampled_from([{}, {"spec": {"revisionHistoryLimit": 2}}]),
    "backend.overrides.horizontalPodAutoscaler": st.sampled_from([{}, {"metadata": {"labels": {"a": "b"}}}]),
    "backend.overrides.podDisruptionBudget": st.sampled_from([{}, {"metadata": {"annotations": {"a": "b"}}}]),
    "backend.health.startupSeconds": mostly(st.integers(5, 120), whole(5, 1800)),
    "backend.health.initSeconds": mostly(st.just(0), whole(0, 1800)),
    "backend.podTemplate": st.sampled_from(texts.TEMPLATES),
    "backend.monitoring.errorRatio": st.sampled_from([None, "sum(rate(errors_total[$window]))"]),
    "backend.loadBalancer.enabled": st.sampled_from([True, True, False]),
    "backend.ingress.hosts": st.lists(st.sampled_from(texts.HOSTS), max_size=3, unique=True),
    "backend.route.hostnames": st.lists(st.sampled_from(texts.HOSTS), max_size=3, unique=True),
    **{
        f"backend.{way}.endpointUpdateSeconds": mostly(st.integers(1, 30), whole(1, 300))
        for way in ("ingress", "route")
    },
    "backend.loadBalancer.healthCheckSeconds": mostly(st.integers(1, 40), whole(1, 300)),
    "backend.rollout.minReadySeconds": mostly(st.integers(1, 30), whole(1, 3600)),
    "backend.disruptionBudget.maxUnavailable": mostly(st.integers(1, 2), whole(1, 1000)),
    "backend.network.egress[]": st.fixed_dictionaries(
        {"cidr": st.sampled_from(texts.BLOCKS)}, optional={"ports": _PORTS}
    )
    | st.fixed_dictionaries({"namespace": texts.text("[a-z]([-a-z0-9]*[a-z0-9])?", 52)}, optional={"ports": _PORTS}),
    "protect": st.sampled_from([False, False, True]),
}
