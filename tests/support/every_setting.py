"""Another value for every setting, for tests that change one, or several that go together."""

from __future__ import annotations

from typing import Any

from components.settings import BackendSettings

# Another value for every setting; what must be set besides, so that the whole is still one that can hold.
# At the edge an image has a digest: that of the stack dev, as it is pulled.
PINNED = "ghcr.io/stefanprodan/podinfo:6.9.1@sha256:262578cde928d5c9eba3bce079976444f624c13ed0afb741d90d5423877496cb"
CHANGES: dict[str, dict[str, Any]] = {
    "image": {"image": "ghcr.io/stefanprodan/podinfo:6.9.2"},
    "port": {"port": 9898},
    "servicePort": {"servicePort": 8080},
    "metricsPort": {"metricsPort": 9797},
    "survive": {"survive": "node"},
    "replicas": {"replicas": 6, "autoscaling": {"maxReplicas": 12}},
    "autoscaling.enabled": {"autoscaling": {"enabled": False}},
    "autoscaling.maxReplicas": {"autoscaling": {"maxReplicas": 5}},
    "autoscaling.cpuPercent": {"autoscaling": {"maxReplicas": 12, "cpuPercent": 50}},
    "autoscaling.memoryPercent": {"autoscaling": {"maxReplicas": 12, "memoryPercent": 50}},
    "autoscaling.scaleUpStabilizationSeconds": {"autoscaling": {"maxReplicas": 12, "scaleUpStabilizationSeconds": 10}},
    "autoscaling.scaleDownStabilizationSeconds": {
        "autoscaling": {"maxReplicas": 12, "scaleDownStabilizationSeconds": 60}
    },
    "autoscaling.tolerancePercent": {"autoscaling": {"maxReplicas": 12, "tolerancePercent": 5}},
    "resources.requests": {"resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}},
    "resources.limits": {"resources": {"limits": {"cpu": "2", "memory": "512Mi"}}},
    "resources.tmpSizeLimit": {"resources": {"tmpSizeLimit": "128Mi"}},
    "placement.spread": {"placement": {"spread": "hard"}},
    "placement.tolerationSeconds": {"placement": {"tolerationSeconds": 60}},
    "edge": {"edge": {"architectures": ["amd64"]}, "image": PINNED},
    "health.startupPath": {"health": {"startupPath": "/startz"}},
    "health.readinessPath": {"health": {"readinessPath": "/ready"}},
    "health.livenessPath": {"health": {"livenessPath": "/live"}},
    "health.startupSeconds": {"health": {"startupSeconds": 20}},
    "loadBalancer.enabled": {"loadBalancer": {"enabled": False}},
    "loadBalancer.externalTrafficPolicy": {"loadBalancer": {"externalTrafficPolicy": "Cluster"}},
    "loadBalancer.healthCheckSeconds": {"loadBalancer": {"healthCheckSeconds": 3}},
    "shutdown.deregistrationSeconds": {"shutdown": {"deregistrationSeconds": 15}},
    "shutdown.drainSeconds": {"shutdown": {"drainSeconds": 40}},
    "rollout.minReadySeconds": {"rollout": {"minReadySeconds": 10}},
    "rollout.progressDeadlineSeconds": {"rollout": {"progressDeadlineSeconds": 120}},
    "disruptionBudget.maxUnavailable": {"disruptionBudget": {"maxUnavailable": 2}, "replicas": 5},
    "network.egress": {"network": {"egress": [{"cidr": "10.0.0.0/8", "ports": [5432]}]}},
    "network.allowMetricsFrom": {"network": {"allowMetricsFrom": ["monitoring"]}, "metricsPort": 9797},
    "network.allowFrom": {"network": {"allowFrom": ["ingress"]}, "loadBalancer": {"enabled": False}},
    "labels": {"labels": {"team": "shop", "app.kubernetes.io/version": "2"}},
    "environment": {"environment": {"PODINFO_UI_MESSAGE": "other"}},
    "podTemplate": {"podTemplate": {"metadata": {"annotations": {"example.org/team": "shop"}}}},
    "health.initSeconds": {
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
    "generatedSecrets.names": {"generatedSecrets": {"names": ["SESSION_KEY", "ANOTHER"]}},
    "generatedSecrets.length": {"generatedSecrets": {"names": ["SESSION_KEY"], "length": 48}},
    "generatedSecrets.rotation": {"generatedSecrets": {"names": ["SESSION_KEY"], "rotation": 2}},
}
# Who the backend is: another name or namespace is another backend, and a Deployment keeps its selector for life. And what the
# embedded cluster has nothing for.
NOT_CHANGED = {
    "name",
    "namespace",
    "selector",
    "autoscaling.podMetrics",
    "autoscaling.externalMetrics",
    "placement.priorityClassName",
    *(
        f"ingress.{key}"
        for key in ("hosts", "className", "path", "tlsSecretName", "annotations", "endpointUpdateSeconds")
    ),
    *(
        f"route.{key}"
        for key in (
            "parentRefs",
            "hostnames",
            "path",
            "timeoutSeconds",
            "backendTimeoutSeconds",
            "retry.attempts",
            "retry.codes",
            "retry.backoffMilliseconds",
            "endpointUpdateSeconds",
        )
    ),
    "mesh",
    *(
        f"meshOptions.{key}"
        for key in (
            "controlPlaneNamespace",
            "revision",
            "waypoint",
            "proxy.requests",
            "proxy.limits",
            "retryAttempts",
            "outlierDetection.consecutiveFailures",
            "outlierDetection.ejectionSeconds",
        )
    ),
    *(f"monitoring.{key}" for key in ("scrape", "path", "intervalSeconds", "objectivePercent", "errorRatio", "labels")),
}
# They decide what is promised, and what is refused; no object says them.
ONLY_PROMISED = {"survive", "loadBalancer.healthCheckSeconds"}


def every_setting() -> set[str]:
    """The names of all settings of a backend, from its schema."""
    schema = BackendSettings.model_json_schema(by_alias=True)

    def leaves(node: dict[str, Any], path: str) -> Any:
        for name, part in node["properties"].items():
            target = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else None
            if target and name not in ("requests", "limits"):
                yield from leaves(target, f"{path}{name}.")
            else:
                yield f"{path}{name}"

    return set(leaves(schema, ""))


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Settings with others put into them, group by group."""
    return {
        **old,
        **{key: merged(old.get(key, {}), value) if isinstance(value, dict) else value for key, value in new.items()},
    }
