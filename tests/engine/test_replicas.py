"""Who owns the number of pods: the autoscaler while there is one, the settings while there is none, and every way between.

The tests of this file are one life, in the order of the file.
"""

from __future__ import annotations

import time

import pytest


def scale_out(project, cpu, wanted):
    # By name: a release's old pods may still be ending, and those that are gone by then cannot be annotated.
    for pod in project.kubectl("get", "pods", "-o", "json")["items"]:
        if "deletionTimestamp" not in pod["metadata"]:
            project.kubectl("annotate", "pod", pod["metadata"]["name"], "--overwrite", f"kwok.x-k8s.io/usage-cpu={cpu}")
    deadline = time.monotonic() + 120
    while (
        number := project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"]
    ) < wanted:
        assert time.monotonic() < deadline, f"the autoscaler never left {number} pods"
        time.sleep(0.5)
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    return number


def only_this_number(deployed):
    assert set(deployed.preview().change_summary) == {"same"}
    deployed.refresh()
    assert set(deployed.preview().change_summary) == {"same"}, "a refresh shows a phantom change"


def test_a_backend_starts_with_its_least_number_at_once(project, deployed):
    revision = project.kubectl("get", "replicasets", "-o", "json")["items"]
    assert [r["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] for r in revision] == ["3"]


def test_defect_03_a_deploy_never_resets_the_number_that_the_autoscaler_chose(project, deployed):
    scaled = scale_out(project, "450m", 5)
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "changed"
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert min(watch.numbers) >= scaled and watch.least_endpoints >= scaled
    only_this_number(deployed)


def test_from_the_autoscaler_to_a_fixed_number_without_dropping_below_it_and_for_good(project, deployed):
    scale_out(project, "450m", 5)
    project.backend["autoscaling"] = {"enabled": False}
    project.backend["replicas"] = 4
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = (
        "fixed"  # a rollout, during which the autoscaler could interfere
    )
    project.write()
    with project.watching() as watch:
        deployed.up()
        time.sleep(10)  # three rounds of the autoscaler, had it survived
    assert watch.least_endpoints >= 4
    assert watch.numbers[-1] == 4 and watch.numbers.count(4) == 1, f"the autoscaler answered: {watch.numbers}"
    assert project.kubectl("get", "hpa", "-o", "json")["items"] == []
    only_this_number(deployed)


def test_a_fixed_number_changed_by_hand_is_told_and_repaired(project, deployed):
    project.kubectl("scale", "deployment/backend-service", "--replicas=2")
    with pytest.raises(Exception, match="is set to 2 pods, and the settings say 4"):
        deployed.up()
    deployed.up(refresh=True)
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"] == 4


def test_from_a_fixed_number_to_the_autoscaler_without_losing_a_pod(project, deployed):
    project.backend["autoscaling"] = {"maxReplicas": 6}
    project.backend["replicas"] = 3
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert min(watch.numbers) >= 4 and watch.least_endpoints >= 4, (
        "the number is the autoscaler's to lower, in its own time"
    )
    only_this_number(deployed)


def test_a_smaller_maximum_and_a_new_release_at_once_are_never_held_up_by_the_quota(project, deployed):
    scale_out(project, "490m", 6)
    project.backend["autoscaling"] = {"maxReplicas": 4}
    project.backend["replicas"] = 2
    project.backend["survive"] = "pod"
    project.backend["autoscaling"]["cpuPercent"] = 50
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "smaller"
    project.write()
    deployed.up()
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["replicas"] <= 4


def test_a_release_of_much_smaller_pods_is_not_held_up_by_the_quota_either(project, deployed):
    project.backend["resources"] = {
        "requests": {"cpu": "100m", "memory": "32Mi"},
        "limits": {"cpu": "200m", "memory": "64Mi"},
    }
    project.write()
    deployed.up()
    pods = project.kubectl("get", "pods", "-o", "json")["items"]
    # Those of the old release take their time to end.
    limits = [
        pod["spec"]["containers"][0]["resources"]["limits"]["memory"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
    ]
    assert limits and set(limits) == {"64Mi"}


def test_another_port_takes_no_traffic_from_the_old_release(project, deployed):
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
