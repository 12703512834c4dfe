"""The autoscaler: who owns the replica count, which metrics it reads, and how fast it scales."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings.quantity import amount
from tests.support.fake_engine import Monitor

HPA = "autoscaling/v2:HorizontalPodAutoscaler"
NO_CPU = {"cpuPercent": None}


def spec(monitor: Monitor, **autoscaling: Any) -> dict[str, Any]:
    return dict(monitor.make(autoscaling=autoscaling).inputs(HPA)["spec"])


def utilization(resource: str, percent: int) -> dict[str, Any]:
    return {
        "type": "ContainerResource",
        "containerResource": {
            "name": resource,
            "container": "backend",
            "target": {"type": "Utilization", "averageUtilization": percent},
        },
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_the_replica_count_is_ignored_only_with_an_autoscaler(monitor: Monitor, enabled: bool) -> None:
    monitor.make(
        replicas=4, autoscaling={"enabled": enabled}, environment={"A": "1"}, generatedSecrets={"names": ["B"]}
    )
    ignoring = {r.type: list(r.ignoreChanges) for r in monitor.requests if r.ignoreChanges}
    assert ignoring == ({"kubernetes:apps/v1:Deployment": ["spec.replicas"]} if enabled else {})
    assert len(monitor.all(HPA)) == enabled
    assert monitor.inputs("apps/v1:Deployment")["spec"]["replicas"] == 4


@pytest.mark.parametrize("enabled", [True, False])
def test_a_fixed_replica_count_overrides_other_owners(monitor: Monitor, enabled: bool) -> None:
    metadata = monitor.make(autoscaling={"enabled": enabled}).inputs("apps/v1:Deployment")["metadata"]
    assert metadata.get("annotations", {}) == ({} if enabled else {"pulumi.com/patchForce": "true"})


def test_it_scales_the_deployment_between_replicas_and_the_maximum(monitor: Monitor) -> None:
    monitor.make(name="web", replicas=4, autoscaling={"maxReplicas": 9})
    scaler = monitor.inputs(HPA)["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (4, 9)
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}


def test_it_reads_the_cpu_of_the_backends_own_container(monitor: Monitor) -> None:
    assert spec(monitor, cpuPercent=55)["metrics"] == [utilization("cpu", 55)]
    assert monitor.container()["name"] == "backend"


def test_it_reads_memory(monitor: Monitor) -> None:
    assert spec(monitor, memoryPercent=70, **NO_CPU)["metrics"] == [utilization("memory", 70)]


def test_it_reads_metrics_of_pods(monitor: Monitor) -> None:
    assert spec(monitor, podMetrics=[{"name": "rps", "averageValue": 100}], **NO_CPU)["metrics"] == [
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "100"}}}
    ]


@pytest.mark.parametrize(
    ("labels", "metric"),
    [
        ({}, {"name": "ready"}),
        ({"queue": "orders"}, {"name": "ready", "selector": {"matchLabels": {"queue": "orders"}}}),
    ],
)
def test_it_reads_external_metrics(monitor: Monitor, labels: dict[str, str], metric: dict[str, Any]) -> None:
    metrics = [{"name": "ready", "averageValue": "500m", "labels": labels}]
    assert spec(monitor, externalMetrics=metrics, **NO_CPU)["metrics"] == [
        {"type": "External", "external": {"metric": metric, "target": {"type": "AverageValue", "averageValue": "500m"}}}
    ]


def test_it_reads_all_metrics_together(monitor: Monitor) -> None:
    metrics = [{"name": "one", "averageValue": 1}, {"name": "two", "averageValue": 2}]
    merged = spec(monitor, memoryPercent=70, podMetrics=metrics, externalMetrics=metrics)["metrics"]
    assert [metric["type"] for metric in merged] == ["ContainerResource"] * 2 + ["Pods"] * 2 + ["External"] * 2


def test_it_scales_up_at_once_and_down_after_five_minutes(monitor: Monitor) -> None:
    behavior = spec(monitor)["behavior"]
    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 300
    assert {key: rule["selectPolicy"] for key, rule in behavior.items()} == {"scaleUp": "Max", "scaleDown": "Max"}


def test_it_uses_the_stabilization_windows_of_the_settings(monitor: Monitor) -> None:
    behavior = spec(monitor, scaleUpStabilizationSeconds=15, scaleDownStabilizationSeconds=0)["behavior"]
    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 15
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 0


def test_it_scales_up_faster_than_down(monitor: Monitor) -> None:
    behavior = spec(monitor)["behavior"]
    up, down = (
        {policy["type"]: policy["value"] / policy["periodSeconds"] for policy in behavior[direction]["policies"]}
        for direction in ("scaleUp", "scaleDown")
    )
    assert all(up[kind] > down[kind] for kind in ("Percent", "Pods"))


@pytest.mark.parametrize("percent", [0, 5, 15, 50])
def test_a_tolerance_is_a_fraction_of_the_target(monitor: Monitor, percent: int) -> None:
    behavior = spec(monitor, tolerancePercent=percent)["behavior"]
    assert [amount(way["tolerance"]) * 100 for way in behavior.values()] == [percent, percent]


def test_without_a_tolerance_the_clusters_default_applies(monitor: Monitor) -> None:
    assert all("tolerance" not in way for way in spec(monitor)["behavior"].values())
