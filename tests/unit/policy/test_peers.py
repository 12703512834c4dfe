"""Defects of published packages, as far as resources show them: the policy pack reports each.

Each is written as its package renders it. Two differ: a window of an autoscaler that is not passed on (7) shows in no
resource, and policies that contradict availability (11) are what the pack itself must avoid.
"""

from __future__ import annotations

from typing import Any

from tests.support.policy_stack import LABELS, Program, good
from tests.support.policy_violations import (
    add_job,
    add_vertical_autoscaler,
    at,
    both,
    in_container,
    one_pod_per_node,
    shell_sleep,
    without_autoscaler,
)


def violated(violation: Any) -> set[str]:
    program = good()
    violation(program)
    return set(program.findings())


def test_defect_01_min_ready_seconds_is_set_in_the_pod() -> None:
    # The provider drops the misplaced field before any policy sees it; what remains is a Deployment without it.
    assert violated(at("minReadySeconds")(None)) == {"release-waits"}


def test_defect_02_a_rollout_recreates_all_pods() -> None:
    assert violated(at("strategy")({"type": "Recreate"})) == {"release-rolls"}


def test_defect_03_replicas_are_set_although_an_autoscaler_owns_them() -> None:
    assert violated(lambda program: program.ignored.clear()) == {"autoscaler-owns-number"}


def test_defect_04_service_and_budget_also_match_the_pods_of_jobs() -> None:
    assert {"service-no-jobs", "budget-no-jobs"} <= violated(lambda program: add_job(program, "batch/v1:CronJob"))


def test_defect_05_a_vertical_and_a_horizontal_autoscaler_share_a_resource() -> None:
    assert violated(add_vertical_autoscaler) == {"autoscaler-no-vertical"}
    assert violated(lambda program: add_vertical_autoscaler(program, updatePolicy={"updateMode": "Off"})) == set()
    memory = {"containerPolicies": [{"containerName": "*", "controlledResources": ["memory"]}]}
    assert violated(lambda program: add_vertical_autoscaler(program, resourcePolicy=memory)) == set()


def test_defect_06_pods_require_a_node_each() -> None:
    assert violated(one_pod_per_node) == {"spread-soft-nodes"}


def test_defect_08_no_budget_no_behavior_and_a_revision_label_in_the_selector() -> None:
    violation = both(
        lambda program: program.types.pop("guard"),
        at("scaler", "behavior")(None),
        at("template", "metadata", "labels")({"app": "web", "revision": "7", "team": "a"}),
        at("selector", "matchLabels", "revision")("7"),
    )
    assert violated(violation) == {"budget-present", "autoscaler-step", "selector-no-release"}


def test_defect_09_the_selector_uses_all_labels_and_two_autoscalers_share_a_target() -> None:
    violation = both(
        at("template", "metadata", "labels")({"app": "web", "team": "a"}),
        at("selector", "matchLabels", "team")("a"),
        lambda program: program.add("scaler-two", "autoscaling/v2:HorizontalPodAutoscaler", program["scaler"]["spec"]),
    )
    assert violated(violation) == {"selector-few-labels", "autoscaler-alone"}


def test_defect_10_an_exposed_deployment_and_a_budget_of_a_removed_version() -> None:
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


def test_defect_11_load_balancers_and_autoscaled_replicas_are_accepted_and_budgets_in_integers_are_read() -> None:
    assert violated(at("front", "type")("LoadBalancer")) == violated(at("replicas")(None)) == set()
    budget = both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")(3))
    assert violated(budget) == violated(both(without_autoscaler, budget)) == {"budget-lets-go"}


def test_defect_12_the_pre_stop_wait_needs_a_shell() -> None:
    assert violated(lambda program: shell_sleep(program, "sleep", "5")) == {"end-without-shell"}


def test_defect_13_no_unhealthy_pod_policy_and_no_scale_down_policy() -> None:
    assert violated(both(at("guard", "unhealthyPodEvictionPolicy")(None), at("scaler", "behavior")(None))) == {
        "budget-unhealthy-pods",
        "autoscaler-step",
    }


def test_missing_probes_and_moving_tags() -> None:
    assert violated(both(in_container("readinessProbe")(None), in_container("image")("web:latest"))) == {
        "probe-readiness",
        "image-version",
        "image-digest",
    }
