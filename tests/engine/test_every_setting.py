"""Every setting of the backend changed, one at a time, and the plan read: nothing replaces the Deployment or the Service."""

from __future__ import annotations

import copy
import json

import pytest

from settings import BackendSettings

# Another value for every setting; what must be set besides, so that the whole is still one that can hold.
CHANGES = {
    "image": {"image": "ghcr.io/stefanprodan/podinfo:6.9.2"},
    "port": {"port": 9898},
    "servicePort": {"servicePort": 8080},
    "metricsPort": {"metricsPort": 9797},
    "survive": {"survive": "node"},
    "replicas": {"replicas": 6, "autoscaling": {"maxReplicas": 12}},
    "autoscaling.enabled": {"autoscaling": {"enabled": False}},
    "autoscaling.maxReplicas": {"autoscaling": {"maxReplicas": 5}},
    "autoscaling.cpuPercent": {"autoscaling": {"maxReplicas": 6, "cpuPercent": 50}},
    "autoscaling.memoryPercent": {"autoscaling": {"maxReplicas": 6, "memoryPercent": 50}},
    "autoscaling.scaleUpStabilizationSeconds": {"autoscaling": {"maxReplicas": 6, "scaleUpStabilizationSeconds": 10}},
    "autoscaling.scaleDownStabilizationSeconds": {"autoscaling": {"maxReplicas": 6, "scaleDownStabilizationSeconds": 60}},
    "autoscaling.tolerancePercent": {"autoscaling": {"maxReplicas": 6, "tolerancePercent": 5}},
    "resources.requests": {"resources": {"requests": {"cpu": "250m", "memory": "64Mi"}}},
    "resources.limits": {"resources": {"limits": {"cpu": "2", "memory": "512Mi"}}},
    "resources.temporaryStorage": {"resources": {"temporaryStorage": "128Mi"}},
    "placement.spread": {"placement": {"spread": "hard"}},
    "placement.tolerationSeconds": {"placement": {"tolerationSeconds": 60}},
    "health.startupPath": {"health": {"startupPath": "/startz"}},
    "health.readinessPath": {"health": {"readinessPath": "/ready"}},
    "health.livenessPath": {"health": {"livenessPath": "/live"}},
    "health.startupSeconds": {"health": {"startupSeconds": 20}},
    "loadBalancer.externalTrafficPolicy": {"loadBalancer": {"externalTrafficPolicy": "Cluster"}},
    "loadBalancer.checkSeconds": {"loadBalancer": {"checkSeconds": 5}},
    "shutdown.deregistrationSeconds": {"shutdown": {"deregistrationSeconds": 15}},
    "shutdown.drainSeconds": {"shutdown": {"drainSeconds": 40}},
    "rollout.minReadySeconds": {"rollout": {"minReadySeconds": 10}},
    "rollout.deadlineSeconds": {"rollout": {"deadlineSeconds": 120}},
    "disruptionBudget.maxUnavailable": {"disruptionBudget": {"maxUnavailable": 2}, "replicas": 5},
    "network.egress": {"network": {"egress": [{"cidr": "10.0.0.0/8", "ports": [5432]}]}},
    "network.metricsFrom": {"network": {"metricsFrom": ["monitoring"]}, "metricsPort": 9797},
    "labels": {"labels": {"team": "shop", "app.kubernetes.io/version": "2"}},
    "environment": {"environment": {"PODINFO_UI_MESSAGE": "other"}},
    "generatedSecrets.names": {"generatedSecrets": {"names": ["SESSION_KEY", "ANOTHER"]}},
    "generatedSecrets.length": {"generatedSecrets": {"names": ["SESSION_KEY"], "length": 48}},
    "generatedSecrets.rotation": {"generatedSecrets": {"names": ["SESSION_KEY"], "rotation": 2}},
}
# Who the backend is: another name or namespace is another backend. And what the embedded cluster has nothing for.
NOT_CHANGED = {"name", "namespace", "autoscaling.podMetrics", "autoscaling.externalMetrics", "placement.priorityClassName"}
# They decide what is promised, and what is refused; no object says them.
ONLY_PROMISED = {"survive", "loadBalancer.checkSeconds"}
MAY_BE_REPLACED = {"kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret", "random:index/randomPassword:RandomPassword"}
IN_PLACE = {"kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Service"}


def every_setting():
    schema = BackendSettings.model_json_schema(by_alias=True)

    def leaves(node, path):
        for name, part in node["properties"].items():
            target = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else None
            if target and name not in ("requests", "limits"):
                yield from leaves(target, f"{path}{name}.")
            else:
                yield f"{path}{name}"

    return set(leaves(schema, ""))


def test_the_table_has_every_setting():
    assert set(CHANGES) | NOT_CHANGED == every_setting() and not set(CHANGES) & NOT_CHANGED


def merged(old, new):
    return {**old, **{key: merged(old.get(key, {}), value) if isinstance(value, dict) else value for key, value in new.items()}}


@pytest.fixture(scope="module")
def before(project):
    return copy.deepcopy(project.backend)


@pytest.mark.parametrize("setting", CHANGES)
def test_a_change_replaces_neither_the_deployment_nor_the_service(project, deployed, before, setting):
    project.settings["ha-backend:backend"] = merged(before, CHANGES[setting])
    project.write()
    steps = []
    deployed.preview(on_event=lambda event: steps.append(event.resource_pre_event))
    ops = {(step.metadata.type, str(step.metadata.op).rsplit(".")[-1].lower()) for step in steps if step}
    changed = {kind for kind, op in ops if op != "same"}
    replaced = {kind for kind, op in ops if "replace" in op}
    deleted = {kind for kind, op in ops if op == "delete"}
    own = {kind for kind in changed if kind.startswith(("kubernetes:", "random:"))}
    assert own or setting in ONLY_PROMISED, f"the setting has no effect: {json.dumps(sorted(map(str, ops)))}"
    assert replaced <= MAY_BE_REPLACED
    assert deleted <= {"kubernetes:autoscaling/v2:HorizontalPodAutoscaler"}
    assert not replaced & IN_PLACE
    if setting == "loadBalancer.externalTrafficPolicy":
        assert own == {"kubernetes:core/v1:Service"}
