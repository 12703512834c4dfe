"""Who owns the replica count: the autoscaler if there is one, else the settings, and every transition.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from pulumi import automation as auto

from tests.engine.conftest import Project


def scale_out(project: Project, cpu: str, wanted: int) -> Any:
    """Simulate CPU usage until the autoscaler has at least this many replicas, and return their count."""
    # By name: old pods may still be terminating, and a deleted pod cannot be annotated.
    for pod in project.kubectl("get", "pods", "-o", "json")["items"]:
        if "deletionTimestamp" not in pod["metadata"]:
            project.kubectl("annotate", "pod", pod["metadata"]["name"], "--overwrite", f"kwok.x-k8s.io/usage-cpu={cpu}")
    deadline = time.monotonic() + 120
    while (
        replicas := project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"]
    ) < wanted:
        assert time.monotonic() < deadline, f"the autoscaler never left {replicas} replicas"
        time.sleep(0.5)
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    return replicas


def assert_unchanged(deployed: auto.Stack) -> None:
    assert set(deployed.preview().change_summary) == {"same"}
    deployed.refresh()
    assert set(deployed.preview().change_summary) == {"same"}, "a refresh shows a phantom change"


def test_a_backend_starts_with_its_minimum_replicas(project: Project, deployed: auto.Stack) -> None:
    revision = project.kubectl("get", "replicasets", "-o", "json")["items"]
    assert [r["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] for r in revision] == ["3"]


def test_defect_03_a_deployment_never_resets_the_autoscaler_s_replica_count(
    project: Project, deployed: auto.Stack
) -> None:
    scaled = scale_out(project, "450m", 5)
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "changed"
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert min(watch.replica_counts) >= scaled and watch.least_endpoints >= scaled
    assert_unchanged(deployed)


def test_from_the_autoscaler_to_fixed_replicas_without_dropping_below_them(
    project: Project, deployed: auto.Stack
) -> None:
    scale_out(project, "450m", 5)
    project.backend["autoscaling"] = {"enabled": False}
    project.backend["replicas"] = 4
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = (
        "fixed"  # causes a rollout, during which the autoscaler could interfere
    )
    project.write()
    with project.watching() as watch:
        deployed.up()
        time.sleep(10)  # three periods of the autoscaler, if it still existed
    assert watch.least_endpoints >= 4
    assert watch.replica_counts[-1] == 4 and watch.replica_counts.count(4) == 1, (
        f"the autoscaler interfered: {watch.replica_counts}"
    )
    assert project.kubectl("get", "hpa", "-o", "json")["items"] == []
    assert_unchanged(deployed)


def test_a_manually_changed_replica_count_is_reported_and_repaired(project: Project, deployed: auto.Stack) -> None:
    project.kubectl("scale", "deployment/backend-service", "--replicas=2")
    with pytest.raises(Exception, match="has 2 replicas, but the settings require 4"):
        deployed.up()
    deployed.up(refresh=True)
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"] == 4


def test_from_fixed_replicas_to_the_autoscaler_without_losing_a_pod(project: Project, deployed: auto.Stack) -> None:
    project.backend["autoscaling"] = {"maxReplicas": 6}
    project.backend["replicas"] = 3
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert min(watch.replica_counts) >= 4 and watch.least_endpoints >= 4, (
        "only the autoscaler may lower the replica count"
    )
    assert_unchanged(deployed)


def test_the_quota_never_blocks_a_lower_maximum_with_a_new_release(project: Project, deployed: auto.Stack) -> None:
    scale_out(project, "490m", 6)
    project.backend["autoscaling"] = {"maxReplicas": 4}
    project.backend["replicas"] = 2
    project.backend["survive"] = "pod"
    project.backend["autoscaling"]["cpuPercent"] = 50
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "smaller"
    project.write()
    deployed.up()
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"] <= 4


def test_the_quota_never_blocks_a_release_of_much_smaller_pods(project: Project, deployed: auto.Stack) -> None:
    project.backend["resources"] = {
        "requests": {"cpu": "100m", "memory": "32Mi"},
        "limits": {"cpu": "200m", "memory": "64Mi"},
    }
    project.write()
    deployed.up()
    pods = project.kubectl("get", "pods", "-o", "json")["items"]
    # Pods of the old release may still be terminating.
    limits = [
        pod["spec"]["containers"][0]["resources"]["limits"]["memory"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
    ]
    assert limits and set(limits) == {"64Mi"}


def test_a_new_port_takes_no_traffic_from_the_old_release(project: Project, deployed: auto.Stack) -> None:
    project.backend["port"] = 9898
    project.backend["environment"]["PODINFO_PORT"] = "9898"
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert watch.least_endpoints >= 2
    ready = [
        part
        for part in project.kubectl("get", "endpointslices", "-o", "json")["items"]
        if any(endpoint["conditions"]["ready"] for endpoint in part["endpoints"] or [])
    ]
    assert {port["port"] for part in ready for port in part["ports"]} == {9898}
