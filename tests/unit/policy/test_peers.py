"""Defects found in the packagings that others ship, as far as resources show them: the policy pack finds each.

Each is written as its packaging renders it. Two are of another kind: that a window of an autoscaler is not passed on (7) shows
in no resource, and that others' policies disagree with availability (11) is what the pack must not do itself.
"""

from __future__ import annotations

from typing import Any

from tests.support.policy_stack import LABELS, Program, good
from tests.support.policy_violations import apart, at, both, fixed, in_container, job, shell, vertical


def found(spoil: Any) -> set[str]:
    program = good()
    spoil(program)
    return set(program.findings())


def test_defect_01_seconds_until_a_pod_counts_are_in_the_pod() -> None:
    # The provider drops them there before any policy sees them; what is left is a Deployment without.
    assert found(at("minReadySeconds")(None)) == {"release-waits"}


def test_defect_02_a_release_recreates_all_pods() -> None:
    assert found(at("strategy")({"type": "Recreate"})) == {"release-rolls"}


def test_defect_03_the_number_is_written_though_an_autoscaler_owns_it() -> None:
    assert found(lambda program: program.ignored.clear()) == {"autoscaler-owns-number"}


def test_defect_04_service_and_budget_also_find_the_pods_of_jobs() -> None:
    assert {"service-no-jobs", "budget-no-jobs"} <= found(lambda program: job(program, "batch/v1:CronJob"))


def test_defect_05_a_vertical_autoscaler_beside_one_by_cpu_and_memory() -> None:
    assert found(vertical) == {"autoscaler-no-vertical"}
    assert found(lambda program: vertical(program, updatePolicy={"updateMode": "Off"})) == set()
    memory = {"containerPolicies": [{"containerName": "*", "controlledResources": ["memory"]}]}
    assert found(lambda program: vertical(program, resourcePolicy=memory)) == set()


def test_defect_06_pods_must_be_on_nodes_of_their_own() -> None:
    assert found(apart) == {"spread-soft-nodes"}


def test_defect_08_no_budget_and_no_behavior_and_a_label_of_the_revision_in_the_selector() -> None:
    spoil = both(
        lambda program: program.types.pop("guard"),
        at("scaler", "behavior")(None),
        at("template", "metadata", "labels")({"app": "web", "revision": "7", "team": "a"}),
        at("selector", "matchLabels", "revision")("7"),
    )
    assert found(spoil) == {"budget-present", "autoscaler-step", "selector-no-release"}


def test_defect_09_the_selector_asks_for_all_labels_and_two_autoscalers_have_one_target() -> None:
    spoil = both(
        at("template", "metadata", "labels")({"app": "web", "team": "a"}),
        at("selector", "matchLabels", "team")("a"),
        lambda program: program.add("scaler-two", "autoscaling/v2:HorizontalPodAutoscaler", program["scaler"]["spec"]),
    )
    assert found(spoil) == {"selector-few-labels", "autoscaler-alone"}


def test_defect_10_the_example_of_an_exposed_deployment_and_a_budget_of_a_gone_version() -> None:
    program = Program()
    program.add(
        "nginx",
        "apps/v1:Deployment",
        {
            "replicas": 1,
            "selector": {"matchLabels": dict(LABELS)},
            "template": {
                "metadata": {"labels": dict(LABELS)},
                "spec": {
                    "containers": [{"name": "nginx", "image": "nginx:1.16-alpine", "ports": [{"containerPort": 80}]}]
                },
            },
        },
    )
    program.add(
        "nginx-budget",
        "policy/v1beta1:PodDisruptionBudget",
        {"minAvailable": 1, "selector": {"matchLabels": dict(LABELS)}},
    )
    assert {"pods-several", "probe-readiness", "resources-requested", "api-served", "budget-lets-go"} <= set(
        program.findings()
    )
    program.types["nginx"] = "kubernetes:apps/v1beta1:Deployment"
    assert len(program.findings()["api-served"]) == 2


def test_defect_11_a_load_balancer_and_a_number_that_is_the_autoscalers_are_right_and_integers_of_a_budget_are_read() -> (
    None
):
    assert found(at("front", "type")("LoadBalancer")) == found(at("replicas")(None)) == set()
    budget = both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")(3))
    assert found(budget) == found(both(fixed, budget)) == {"budget-lets-go"}


def test_defect_12_the_wait_before_the_end_needs_a_shell() -> None:
    assert found(lambda program: shell(program, "sleep", "5")) == {"end-without-shell"}


def test_defect_13_the_budget_says_nothing_of_unhealthy_pods_and_the_autoscaler_nothing_of_its_steps() -> None:
    assert found(both(at("guard", "unhealthyPodEvictionPolicy")(None), at("scaler", "behavior")(None))) == {
        "budget-unhealthy-pods",
        "autoscaler-step",
    }


def test_their_probes_and_their_images() -> None:
    assert found(both(in_container("readinessProbe")(None), in_container("image")("web:latest"))) == {
        "probe-readiness",
        "image-version",
        "image-digest",
    }
