"""Every setting of the backend with another value, in the order in which `make changes` applies them to a stack.

To add a setting, add one line to a track, or its name to `not_changed.py`. Tests change each setting alone, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.settings import BackendSettings
from lab.changes.change import CLUSTER, Change, replaced, settings

# `edge` requires an image with its digest: that of the stack dev, as it is pulled.
PINNED = "ghcr.io/stefanprodan/podinfo:6.9.1@sha256:262578cde928d5c9eba3bce079976444f624c13ed0afb741d90d5423877496cb"


@dataclass(frozen=True)
class SettingChange(Change):
    """A change of one setting. ``patch`` also contains what else must be set for valid settings."""

    patch: Mapping[str, Any] = field(default_factory=dict)


def setting(name: str, patch: Mapping[str, Any], after: str = "") -> SettingChange:
    """Return the change of one setting, named after it."""
    return SettingChange(name, settings(patch), after, patch)


def backend(name: str, patch: Mapping[str, Any], after: str = "") -> Change:
    """Return another change of the backend's settings."""
    return Change(name, settings(patch), after)


def cluster(name: str, patch: Mapping[str, Any], after: str = "") -> Change:
    """Return a change of the cluster's settings."""
    return Change(name, settings(patch, CLUSTER), after)


# Each change is made to what the ones before it have left.
ON_EMBEDDED = (
    Change("protect", replaced("ha-backend:protect", True)),
    Change("protect: off", replaced("ha-backend:protect", False), "protect"),
    setting("image", {"image": "ghcr.io/stefanprodan/podinfo:6.9.2"}),
    setting("labels", {"labels": {"team": "shop", "app.kubernetes.io/version": "2"}}),
    setting("environment", {"environment": {"PODINFO_UI_MESSAGE": "other"}}),
    backend("environment: one more", {"environment": {"GREETING": "hello"}}),
    backend("environment: one less", {"environment": {"GREETING": None}}, "environment: one more"),
    setting("generatedSecrets.names", {"generatedSecrets": {"names": ["SESSION_KEY", "ANOTHER"]}}),
    setting("generatedSecrets.length", {"generatedSecrets": {"names": ["SESSION_KEY"], "length": 48}}),
    setting("generatedSecrets.rotation", {"generatedSecrets": {"names": ["SESSION_KEY"], "rotation": 2}}),
    setting("protocol", {"protocol": "https"}),
    backend("protocol: back", {"protocol": None}, "protocol"),
    setting("files", {"files": {"/etc/app/config.yaml": "level: 1"}}),
    setting(
        "shareEnvironment",
        {
            "shareEnvironment": ["proxy"],
            "podTemplate": {
                "spec": {
                    "initContainers": [
                        {
                            "name": "proxy",
                            "image": "ghcr.io/stefanprodan/podinfo:6.9.2",
                            "restartPolicy": "Always",
                            "resources": {"limits": {"cpu": "50m", "memory": "32Mi"}},
                        }
                    ]
                }
            },
        },
        "files",
    ),
    backend("shareEnvironment: none", {"shareEnvironment": None, "podTemplate": None, "files": None}, "files"),
    setting("releaseJob", {"releaseJob": {"command": ["/migrate"]}}),
    backend("releaseJob: none", {"releaseJob": None}, "releaseJob"),
    setting(
        "extraObjects",
        {"extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}, "data": {"a": "1"}}]},
    ),
    backend("extraObjects: none", {"extraObjects": None}, "extraObjects"),
    setting("rbac.rules", {"rbac": {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}}),
    setting("rbac.clusterRules", {"rbac": {"clusterRules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]}}),
    backend("rbac: none", {"rbac": None}, "rbac.clusterRules"),
    setting("identity.awsRoleArn", {"identity": {"awsRoleArn": "arn:aws:iam::123456789012:role/web"}}),
    setting("identity.eksPodIdentity", {"identity": {"eksPodIdentity": True}}),
    setting(
        "identity.googleServiceAccount",
        {"identity": {"googleServiceAccount": "web@shop-1234.iam.gserviceaccount.com"}},
    ),
    setting("identity.azureClientId", {"identity": {"azureClientId": "00000000-0000-0000-0000-000000000001"}}),
    backend("identity: none", {"identity": None}, "identity.azureClientId"),
    setting("overrides.service", {"overrides": {"service": {"metadata": {"annotations": {"a": "b"}}}}}),
    setting("overrides.serviceAccount", {"overrides": {"serviceAccount": {"metadata": {"annotations": {"a": "b"}}}}}),
    setting("overrides.deployment", {"overrides": {"deployment": {"spec": {"revisionHistoryLimit": 2}}}}),
    setting(
        "overrides.horizontalPodAutoscaler",
        {"overrides": {"horizontalPodAutoscaler": {"metadata": {"annotations": {"a": "b"}}}}},
    ),
    setting(
        "overrides.podDisruptionBudget",
        {"overrides": {"podDisruptionBudget": {"metadata": {"annotations": {"a": "b"}}}}},
    ),
    backend("overrides: none", {"overrides": None}, "overrides.podDisruptionBudget"),
    setting("port", {"port": 9898}),
    setting("servicePort", {"servicePort": 8080}),
    backend("servicePort: back", {"servicePort": None}, "servicePort"),
    setting("metricsPort", {"metricsPort": 9797}),
    setting("network.allowMetricsFrom", {"network": {"allowMetricsFrom": ["monitoring"]}, "metricsPort": 9797}),
    backend("network.allowMetricsFrom: none", {"network": {"allowMetricsFrom": []}}, "network.allowMetricsFrom"),
    setting("health.startupPath", {"health": {"startupPath": "/startz"}}),
    setting("health.readinessPath", {"health": {"readinessPath": "/ready"}}),
    setting("health.livenessPath", {"health": {"livenessPath": "/live"}}),
    setting("shutdown.deregistrationSeconds", {"shutdown": {"deregistrationSeconds": 15}}),
    setting(
        "loadBalancer.healthCheckSeconds", {"loadBalancer": {"healthCheckSeconds": 3}}, "shutdown.deregistrationSeconds"
    ),
    backend(
        "loadBalancer.healthCheckSeconds: back",
        {"loadBalancer": {"healthCheckSeconds": 2}},
        "loadBalancer.healthCheckSeconds",
    ),
    setting("loadBalancer.externalTrafficPolicy", {"loadBalancer": {"externalTrafficPolicy": "Cluster"}}),
    backend(
        "loadBalancer.externalTrafficPolicy: back",
        {"loadBalancer": {"externalTrafficPolicy": "Local"}},
        "loadBalancer.externalTrafficPolicy",
    ),
    setting("podTemplate", {"podTemplate": {"metadata": {"annotations": {"example.org/team": "shop"}}}}),
    backend("podTemplate: none", {"podTemplate": None}, "podTemplate"),
    setting(
        "health.initSeconds",
        {
            "health": {"initSeconds": 20},
            "podTemplate": {
                "spec": {
                    "initContainers": [
                        {
                            "name": "prepare",
                            "image": "ghcr.io/stefanprodan/podinfo:6.9.2",
                            "resources": {"limits": {"cpu": "50m", "memory": "32Mi"}},
                        }
                    ]
                }
            },
        },
    ),
    backend("health.initSeconds: none", {"health": {"initSeconds": None}, "podTemplate": None}, "health.initSeconds"),
    setting("loadBalancer.enabled", {"loadBalancer": {"enabled": False}}),
    setting(
        "network.allowFrom",
        {"network": {"allowFrom": ["ingress"]}, "loadBalancer": {"enabled": False}},
        "loadBalancer.enabled",
    ),
    backend("network.allowFrom: none", {"network": {"allowFrom": None}}, "network.allowFrom"),
    backend("loadBalancer.enabled: back", {"loadBalancer": {"enabled": None}}, "loadBalancer.enabled"),
    backend(
        "shutdown.deregistrationSeconds: back",
        {"shutdown": {"deregistrationSeconds": 5}},
        "shutdown.deregistrationSeconds",
    ),
    setting("shutdown.drainSeconds", {"shutdown": {"drainSeconds": 40}}),
    backend("shutdown.drainSeconds: back", {"shutdown": {"drainSeconds": 2}}, "shutdown.drainSeconds"),
    setting("rollout.progressDeadlineSeconds", {"rollout": {"progressDeadlineSeconds": 120}}),
    setting("rollout.minReadySeconds", {"rollout": {"minReadySeconds": 10}}),
    backend("rollout.minReadySeconds: back", {"rollout": {"minReadySeconds": 1}}, "rollout.minReadySeconds"),
    setting("health.startupSeconds", {"health": {"startupSeconds": 20}}, "rollout.progressDeadlineSeconds"),
    setting("survive", {"survive": "node"}),
)
ON_EXISTING = (
    setting(
        "autoscaling.scaleUpStabilizationSeconds",
        {"autoscaling": {"maxReplicas": 12, "scaleUpStabilizationSeconds": 10}},
    ),
    setting(
        "autoscaling.scaleDownStabilizationSeconds",
        {"autoscaling": {"maxReplicas": 12, "scaleDownStabilizationSeconds": 60}},
    ),
    setting("autoscaling.tolerancePercent", {"autoscaling": {"maxReplicas": 12, "tolerancePercent": 5}}),
    setting("autoscaling.cpuPercent", {"autoscaling": {"maxReplicas": 12, "cpuPercent": 50}}),
    setting("autoscaling.memoryPercent", {"autoscaling": {"maxReplicas": 12, "memoryPercent": 50}}),
    backend("autoscaling.cpuPercent: back", {"autoscaling": {"cpuPercent": 60}}, "autoscaling.cpuPercent"),
    backend("autoscaling.memoryPercent: none", {"autoscaling": {"memoryPercent": None}}, "autoscaling.memoryPercent"),
    setting("autoscaling.maxReplicas", {"autoscaling": {"maxReplicas": 5}}),
    setting("resources.requests", {"resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}}),
    backend(
        "resources.requests: doubled",
        {"resources": {"requests": {"cpu": "500m", "memory": "128Mi"}}},
        "resources.requests",
    ),
    setting("resources.limits", {"resources": {"limits": {"cpu": "2", "memory": "512Mi"}}}),
    backend("resources.limits: halved", {"resources": {"limits": {"cpu": "1", "memory": "256Mi"}}}, "resources.limits"),
    setting("resources.tmpSizeLimit", {"resources": {"tmpSizeLimit": "128Mi"}}),
    setting("placement.spread", {"placement": {"spread": "hard"}}),
    backend("placement.spread: soft", {"placement": {"spread": "soft"}}, "placement.spread"),
    setting("placement.tolerationSeconds", {"placement": {"tolerationSeconds": 60}}),
    backend(
        "placement.tolerationSeconds: back", {"placement": {"tolerationSeconds": 30}}, "placement.tolerationSeconds"
    ),
    setting("edge", {"edge": {"architectures": ["amd64"]}, "image": PINNED}),
    backend("edge: none", {"edge": None}, "edge"),
    setting("network.egress", {"network": {"egress": [{"cidr": "10.0.0.0/8", "ports": [5432]}]}}),
    backend(
        "network.egress: one more port",
        {"network": {"egress": [{"cidr": "10.0.0.0/8", "ports": [5432, 6379]}]}},
        "network.egress",
    ),
    backend("network.egress: none", {"network": {"egress": []}}, "network.egress"),
    cluster("cluster.zones: discovered", {"zones": None}),
    setting("replicas", {"replicas": 6, "autoscaling": {"maxReplicas": 12}}),
    backend("replicas: back", {"replicas": 3}, "replicas"),
    backend("autoscaling.maxReplicas: back", {"autoscaling": {"maxReplicas": 6}}),
    setting("autoscaling.enabled", {"autoscaling": {"enabled": False}}),
    backend("replicas: more when fixed", {"replicas": 5}, "autoscaling.enabled"),
    setting(
        "disruptionBudget.minAvailable",
        {"disruptionBudget": {"minAvailable": "60%"}, "replicas": 5},
        "replicas: more when fixed",
    ),
    backend("disruptionBudget.minAvailable: none", {"disruptionBudget": None}, "disruptionBudget.minAvailable"),
    setting(
        "disruptionBudget.maxUnavailable",
        {"disruptionBudget": {"maxUnavailable": 2}, "replicas": 5},
        "replicas: more when fixed",
    ),
    backend("replicas: fewer when fixed", {"replicas": 4}, "replicas: more when fixed"),
    backend("disruptionBudget.maxUnavailable: back", {"disruptionBudget": None}, "disruptionBudget.maxUnavailable"),
    backend(
        "autoscaling.enabled: back from more",
        {"autoscaling": {"enabled": None}, "replicas": 3},
        "disruptionBudget.maxUnavailable: back",
    ),
)
# Another backend, or another cluster: last, because they replace everything.
RECREATED = (
    backend("namespace", {"namespace": "shop"}),
    backend("name", {"name": "store", "namespace": None}),
    backend("name: back", {"name": None}, "name"),
    cluster("cluster.nodesPerZone", {"nodesPerZone": 2}),
    cluster("cluster.zones", {"zones": ["zone-a", "zone-b", "zone-c", "zone-d"]}),
)

CHANGES: dict[str, Mapping[str, Any]] = {
    change.name: change.patch for change in (*ON_EMBEDDED, *ON_EXISTING) if isinstance(change, SettingChange)
}
"""Another value for every setting, by its name."""


def every_setting() -> set[str]:
    """Return the names of all settings of a backend, from its schema."""
    schema = BackendSettings.model_json_schema(by_alias=True)

    def leaves(node: Mapping[str, Any], path: str) -> Iterator[str]:
        for name, part in node["properties"].items():
            target = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else None
            if target and name not in ("requests", "limits"):
                yield from leaves(target, f"{path}{name}.")
            else:
                yield f"{path}{name}"

    return set(leaves(schema, ""))
