"""Changes to this project's own program: every setting, and what is around them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lab.changes.change import BACKEND, CLUSTER, Change, Edit, State, patched, settings, whole
from tests.support.every_setting import CHANGES

_DEV = yaml.safe_load((Path(__file__).parent.parent.parent / "Pulumi.dev.yaml").read_text())["config"]
# The dev stack with deadlines as short as the settings allow: what is tried here does not depend on them.
QUICK = {
    "health": {"startupSeconds": 5},
    "rollout": {"minReadySeconds": 1, "progressDeadlineSeconds": 60},
    "loadBalancer": {"healthCheckSeconds": 2},
    "shutdown": {"deregistrationSeconds": 5, "drainSeconds": 2},
}
_BACKEND = patched(_DEV[BACKEND], QUICK)
# What some changes take away, the proof at the end of `up` would miss; and it waits for the metrics of new pods each time.
_UNPROVEN = (Edit("components/verification.py", "    if connection is None:", "    if True:"),)
LOCAL = State({CLUSTER: {"kind": "local"}, BACKEND: _BACKEND}, _UNPROVEN)


def existing(kubeconfig: Path, context: str) -> State:
    """The same on a cluster that is there already."""
    return State(
        {
            CLUSTER: {
                "kind": "existing",
                "kubeconfig": str(kubeconfig),
                "context": context,
                "identifier": "one",
                "zones": ["zone-a", "zone-b", "zone-c"],
            },
            BACKEND: _BACKEND,
        },
        _UNPROVEN,
    )


def setting(name: str, after: str = "") -> Change:
    """One of the settings, with another value."""
    return Change(name, settings(CHANGES[name]), after)


def backend(name: str, patch: Mapping[str, Any], after: str = "") -> Change:
    """Some of the backend's settings."""
    return Change(name, settings(patch), after)


def cluster(name: str, patch: Mapping[str, Any], after: str = "") -> Change:
    """Some of the cluster's settings."""
    return Change(name, settings(patch, CLUSTER), after)


# In this order: each is made to what those before it have left.
ON_EMBEDDED = (
    Change("protect", whole("ha-backend:protect", True)),
    Change("protect: off", whole("ha-backend:protect", False), "protect"),
    setting("image"),
    setting("labels"),
    setting("environment"),
    backend("environment: one more", {"environment": {"GREETING": "hello"}}),
    backend("environment: one less", {"environment": {"GREETING": None}}, "environment: one more"),
    setting("generatedSecrets.names"),
    setting("generatedSecrets.length"),
    setting("generatedSecrets.rotation"),
    setting("port"),
    setting("servicePort"),
    backend("servicePort: back", {"servicePort": None}, "servicePort"),
    setting("metricsPort"),
    setting("network.allowMetricsFrom"),
    backend("network.allowMetricsFrom: none", {"network": {"allowMetricsFrom": []}}, "network.allowMetricsFrom"),
    setting("health.startupPath"),
    setting("health.readinessPath"),
    setting("health.livenessPath"),
    setting("shutdown.deregistrationSeconds"),
    setting("loadBalancer.healthCheckSeconds", "shutdown.deregistrationSeconds"),
    backend(
        "loadBalancer.healthCheckSeconds: back",
        {"loadBalancer": {"healthCheckSeconds": 2}},
        "loadBalancer.healthCheckSeconds",
    ),
    setting("loadBalancer.externalTrafficPolicy"),
    backend(
        "loadBalancer.externalTrafficPolicy: back",
        {"loadBalancer": {"externalTrafficPolicy": "Local"}},
        "loadBalancer.externalTrafficPolicy",
    ),
    setting("podTemplate"),
    backend("podTemplate: none", {"podTemplate": None}, "podTemplate"),
    setting("health.initSeconds"),
    backend("health.initSeconds: none", {"health": {"initSeconds": None}, "podTemplate": None}, "health.initSeconds"),
    setting("loadBalancer.enabled"),
    setting("network.allowFrom", "loadBalancer.enabled"),
    backend("network.allowFrom: none", {"network": {"allowFrom": None}}, "network.allowFrom"),
    backend("loadBalancer.enabled: back", {"loadBalancer": {"enabled": None}}, "loadBalancer.enabled"),
    backend(
        "shutdown.deregistrationSeconds: back",
        {"shutdown": {"deregistrationSeconds": 5}},
        "shutdown.deregistrationSeconds",
    ),
    setting("shutdown.drainSeconds"),
    backend("shutdown.drainSeconds: back", {"shutdown": {"drainSeconds": 2}}, "shutdown.drainSeconds"),
    setting("rollout.progressDeadlineSeconds"),
    setting("rollout.minReadySeconds"),
    backend("rollout.minReadySeconds: back", {"rollout": {"minReadySeconds": 1}}, "rollout.minReadySeconds"),
    setting("health.startupSeconds", "rollout.progressDeadlineSeconds"),
    setting("survive"),
)
ON_EXISTING = (
    setting("autoscaling.scaleUpStabilizationSeconds"),
    setting("autoscaling.scaleDownStabilizationSeconds"),
    setting("autoscaling.tolerancePercent"),
    setting("autoscaling.cpuPercent"),
    setting("autoscaling.memoryPercent"),
    backend("autoscaling.cpuPercent: back", {"autoscaling": {"cpuPercent": 60}}, "autoscaling.cpuPercent"),
    backend("autoscaling.memoryPercent: none", {"autoscaling": {"memoryPercent": None}}, "autoscaling.memoryPercent"),
    setting("autoscaling.maxReplicas"),
    setting("resources.requests"),
    backend(
        "resources.requests: doubled",
        {"resources": {"requests": {"cpu": "500m", "memory": "128Mi"}}},
        "resources.requests",
    ),
    setting("resources.limits"),
    backend("resources.limits: halved", {"resources": {"limits": {"cpu": "1", "memory": "256Mi"}}}, "resources.limits"),
    setting("resources.tmpSizeLimit"),
    setting("placement.spread"),
    backend("placement.spread: soft", {"placement": {"spread": "soft"}}, "placement.spread"),
    setting("placement.tolerationSeconds"),
    backend(
        "placement.tolerationSeconds: back", {"placement": {"tolerationSeconds": 30}}, "placement.tolerationSeconds"
    ),
    setting("edge"),
    backend("edge: none", {"edge": None}, "edge"),
    setting("network.egress"),
    backend(
        "network.egress: one more port",
        {"network": {"egress": [{"cidr": "10.0.0.0/8", "ports": [5432, 6379]}]}},
        "network.egress",
    ),
    backend("network.egress: none", {"network": {"egress": []}}, "network.egress"),
    cluster("cluster.zones: asked for", {"zones": None}),
    setting("replicas"),
    backend("replicas: back", {"replicas": 3}, "replicas"),
    backend("autoscaling.maxReplicas: back", {"autoscaling": {"maxReplicas": 6}}),
    setting("autoscaling.enabled"),
    backend("replicas: more when fixed", {"replicas": 5}, "autoscaling.enabled"),
    setting("disruptionBudget.maxUnavailable", "replicas: more when fixed"),
    backend("replicas: fewer when fixed", {"replicas": 4}, "replicas: more when fixed"),
    backend("disruptionBudget.maxUnavailable: back", {"disruptionBudget": None}, "disruptionBudget.maxUnavailable"),
    backend(
        "autoscaling.enabled: back from more",
        {"autoscaling": {"enabled": None}, "replicas": 3},
        "disruptionBudget.maxUnavailable: back",
    ),
)
# Another backend, or another cluster: last, because nothing is left of what was.
MADE_ANEW = (
    backend("namespace", {"namespace": "shop"}),
    backend("name", {"name": "store", "namespace": None}),
    backend("name: back", {"name": None}, "name"),
    cluster("cluster.nodesPerZone", {"nodesPerZone": 2}),
    cluster("cluster.zones", {"zones": ["zone-a", "zone-b", "zone-c", "zone-d"]}),
)
