"""What breaks a promise is changed where one change is obvious, and every change is noted with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from ops.convert import paths
from ops.convert.notes import Notes, Verdict
from ops.convert.repair import repaired
from tests.corpus.equality import unexplained
from tests.unit.ops.convert.manifests import Change, Object, container, converted, named, pod, settings

OWN = "podTemplate.spec.containers[0]"
BUDGET = {"selector": {"matchLabels": {"app": "web"}}}
SCALER = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
ROWS: list[tuple[str, Change, list[Object], dict[str, Any], str]] = [
    (
        "one replica",
        lambda deployment, service: deployment["spec"].update(replicas=1),
        [],
        {"replicas": 2},
        "[replicas-too-few]",
    ),
    (
        "the same probe",
        lambda deployment, service: container(deployment).update(
            livenessProbe={"httpGet": {"path": "/ready", "port": 8080}}
        ),
        [],
        {f"{OWN}.livenessProbe.failureThreshold": 4},
        "[shared-probe-path]",
    ),
    (
        "no readiness probe",
        lambda deployment, service: container(deployment).pop("readinessProbe"),
        [],
        {f"{OWN}.readinessProbe": {"tcpSocket": {"port": "http"}}},
        "once port 8080 accepts connections",
    ),
    (
        "no tag",
        lambda deployment, service: container(deployment).update(image="nginx"),
        [],
        {"image": "nginx:TODO"},
        "there is no tag",
    ),
    (
        "a tag that moves",
        lambda deployment, service: container(deployment).update(image="localhost:5000/nginx:latest"),
        [],
        {"image": "localhost:5000/nginx:TODO"},
        "the tag latest moves",
    ),
    (
        "no requests",
        lambda deployment, service: container(deployment).pop("resources"),
        [],
        {"resources.requests": {"cpu": "100m", "memory": "128Mi"}, "resources.limits": {}},
        "there is no request",
    ),
    (
        "a long start",
        lambda deployment, service: container(deployment).update(
            startupProbe={"tcpSocket": {"port": 8080}, "failureThreshold": 90, "periodSeconds": 10}
        ),
        [],
        {"rollout.progressDeadlineSeconds": 966},
        "[progress-deadline-too-short]",
    ),
    (
        "a budget that blocks drains",
        lambda deployment, service: None,
        [named("PodDisruptionBudget", "policy/v1", spec={**BUDGET, "maxUnavailable": 0})],
        {"disruptionBudget": {"maxUnavailable": 1}},
        "[budget-blocks-drains]",
    ),
    (
        "a budget that takes every pod",
        lambda deployment, service: None,
        [named("PodDisruptionBudget", "policy/v1", spec={**BUDGET, "maxUnavailable": "100%"})],
        {"disruptionBudget": {"maxUnavailable": 1}},
        "[disruption-budget-too-large]",
    ),
    (
        "a range that leaves no room",
        lambda deployment, service: None,
        [named("HorizontalPodAutoscaler", "autoscaling/v1", spec={**SCALER, "minReplicas": 1, "maxReplicas": 2})],
        {"replicas": 2, "autoscaling.maxReplicas": 3},
        "[autoscaler-cannot-scale]",
    ),
    (
        "one pod at a time",
        lambda deployment, service: deployment["spec"].update(strategy={"type": "Recreate"}),
        [],
        {"overrides.deployment.spec.strategy": None},
        "Recreate becomes RollingUpdate",
    ),
    (
        "a volume without a limit beside a limit of the container",
        lambda deployment, service: (
            pod(deployment).update(volumes=[{"name": "cache", "emptyDir": {}}]),
            container(deployment).update(resources={"limits": {"ephemeral-storage": "1Gi"}}),
        ),
        [],
        {"podTemplate.spec.volumes[0].emptyDir.sizeLimit": "256Mi"},
        "there is no limit",
    ),
    (
        "an init container",
        lambda deployment, service: pod(deployment).update(initContainers=[{"name": "wait", "image": "busybox:1.36"}]),
        [],
        {"health.initSeconds": 60, "podTemplate.spec.initContainers[0].resources": None},
        "[init-seconds-missing]",
    ),
    (
        "privileges that nothing needs",
        lambda deployment, service: container(deployment).update(
            securityContext={
                "allowPrivilegeEscalation": True,
                "runAsNonRoot": False,
                "capabilities": {"drop": ["NET_RAW"], "add": ["NET_BIND_SERVICE"]},
            }
        ),
        [],
        {f"{OWN}.securityContext": {"readOnlyRootFilesystem": False, "capabilities": {"add": ["NET_BIND_SERVICE"]}}},
        "false becomes true",
    ),
    (
        "a required rule about other pods",
        lambda deployment, service: pod(deployment).update(
            affinity={
                "podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
                    ]
                }
            }
        ),
        [],
        {
            "podTemplate.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution": None,
            "podTemplate.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight": 100,
        },
        "a required rule is a preferred one",
    ),
    (
        "every taint",
        lambda deployment, service: pod(deployment).update(tolerations=[{"operator": "Exists"}]),
        [],
        {"podTemplate.spec.tolerations": None},
        "every taint is not tolerated",
    ),
    (
        "an own class of the cluster",
        lambda deployment, service: pod(deployment).update(priorityClassName="system-cluster-critical"),
        [],
        {"placement.priorityClassName": None},
        "[priority-class-reserved]",
    ),
    (
        "a hook after the start",
        lambda deployment, service: container(deployment).update(
            lifecycle={"postStart": {"exec": {"command": ["/warm-up"]}}}
        ),
        [],
        {f"{OWN}.lifecycle": {"postStart": {"exec": {"command": ["/warm-up"]}}}, "health.initSeconds": 60},
        "[init-seconds-missing]",
    ),
    (
        "a port of the node",
        lambda deployment, service: container(deployment)["ports"].append({"containerPort": 9000, "hostPort": 9000}),
        [],
        {f"{OWN}.ports": [{"containerPort": 9000}]},
        "hostPort is omitted",
    ),
    (
        "a headless Service",
        lambda deployment, service: service["spec"].update(clusterIP="None"),
        [],
        {"overrides.service.spec.clusterIP": None},
        "a headless Service gets an address",
    ),
    (
        "a Service that sends to pods of its node",
        lambda deployment, service: service["spec"].update(internalTrafficPolicy="Local"),
        [],
        {"overrides.service.spec.internalTrafficPolicy": None},
        "internalTrafficPolicy is omitted",
    ),
    (
        "pods that are not ready",
        lambda deployment, service: service["spec"].update(publishNotReadyAddresses=True),
        [],
        {"overrides.service.spec.publishNotReadyAddresses": None},
        "publishNotReadyAddresses is omitted",
    ),
]


@pytest.mark.parametrize(("title", "change", "objects", "expected", "reason"), ROWS, ids=[row[0] for row in ROWS])
def test_what_breaks_a_promise_is_changed(
    title: str, change: Change, objects: list[Object], expected: dict[str, Any], reason: str
) -> None:
    conversion = converted(*objects, change=change)
    values = settings(conversion)
    assert {key: paths.get(values, key) for key in expected} == expected
    changed = [note.text for note in conversion.notes.notes if note.verdict is Verdict.CHANGED]
    assert any(reason in text for text in changed), changed
    assert conversion.verdict == "changed"
    assert unexplained(conversion) == []


def test_a_target_without_reserve_is_lowered_to_the_number_of_the_message() -> None:
    notes = Notes()
    values = {
        "image": "web:1",
        "survive": "pod",
        "replicas": 2,
        "autoscaling": {"maxReplicas": 6, "cpuPercent": 95},
        "network": {},
    }
    assert repaired(values, notes)
    assert values["autoscaling"] == {"maxReplicas": 6, "cpuPercent": 50}
    (note,) = notes.notes
    assert "[utilization-too-high]" in note.text
    assert note.promise.startswith("After the failure that `survive` names")
