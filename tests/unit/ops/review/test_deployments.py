"""Updates of a Deployment, as the engine previews them, and their effects."""

from __future__ import annotations

from typing import Any

import pytest

from ops.review.effect import Effect
from tests.support.review_previews import (
    BACKEND,
    BEFORE,
    DEPLOYMENT,
    LOWER,
    NONE,
    OUTAGE,
    POD,
    RESTART,
    SIDECAR_PATH,
    UNSET,
    WEAKER,
    assess,
    changed,
    step,
)


@pytest.mark.parametrize(
    ("kind", "path", "value", "effects"),
    [
        (DEPLOYMENT, f"{BACKEND}image", "web:2", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}env.0.value", "9", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}env", [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}], {RESTART}),
        (DEPLOYMENT, f"{BACKEND}resources.requests.cpu", "0.5", {NONE}),
        (DEPLOYMENT, f"{BACKEND}resources.requests.cpu", 1, {RESTART}),
        (DEPLOYMENT, f"{BACKEND}resources.limits.memory", "128Mi", {RESTART, LOWER}),
        (DEPLOYMENT, f"{BACKEND}readinessProbe", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}readinessProbe.httpGet.path", "/ready", {RESTART}),
        (DEPLOYMENT, f"{BACKEND}lifecycle", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.preStop.sleep.seconds", 5, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.preStop.sleep.seconds", 50, {RESTART}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.preStop", {"exec": {"command": ["wait"]}}, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}lifecycle.postStart", {"exec": {"command": ["warm"]}}, {RESTART}),
        (DEPLOYMENT, f"{BACKEND}resources.limits.memory", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{BACKEND}resources.limits.cpu", UNSET, {RESTART}),
        (DEPLOYMENT, f"{POD}terminationGracePeriodSeconds", 10, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}topologySpreadConstraints", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}topologySpreadConstraints.0.whenUnsatisfiable", "ScheduleAnyway", {RESTART, WEAKER}),
        (DEPLOYMENT, "spec.template.metadata.labels.version", "2", {RESTART}),
        (DEPLOYMENT, "spec.template.metadata.annotations", {"a": "b"}, {RESTART}),
        (DEPLOYMENT, f"{SIDECAR_PATH}image", "proxy:2", {RESTART}),
        (DEPLOYMENT, f"{SIDECAR_PATH}resources.limits.cpu", "50m", {RESTART, LOWER}),
        (DEPLOYMENT, f"{SIDECAR_PATH}startupProbe", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{SIDECAR_PATH}restartPolicy", UNSET, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{SIDECAR_PATH}livenessProbe.periodSeconds", 50, {RESTART, WEAKER}),
        (DEPLOYMENT, f"{POD}initContainers", UNSET, {RESTART}),
        (DEPLOYMENT, f"{POD}volumes", [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}], {RESTART}),
        (DEPLOYMENT, f"{POD}nodeSelector", {"pool": "web"}, {RESTART, WEAKER}),
        (
            DEPLOYMENT,
            f"{POD}affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
            {"nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]},
            {RESTART, WEAKER},
        ),
        (DEPLOYMENT, "metadata.labels.team", "other", {NONE}),
        (DEPLOYMENT, "spec.replicas", 2, {LOWER}),
        (DEPLOYMENT, "spec.replicas", 0, {OUTAGE}),
        (DEPLOYMENT, "spec.replicas", 5, {NONE}),
        (DEPLOYMENT, "spec.replicas", UNSET, {LOWER}),
        (DEPLOYMENT, "spec.minReadySeconds", 1, {WEAKER}),
        (DEPLOYMENT, "spec.progressDeadlineSeconds", 60, {NONE}),
        (DEPLOYMENT, "spec.strategy", {"type": "Recreate"}, {WEAKER}),
        (DEPLOYMENT, "spec.strategy.rollingUpdate.maxUnavailable", "50%", {WEAKER}),
        (DEPLOYMENT, "spec.strategy.rollingUpdate.maxSurge", 1, {NONE}),
    ],
)
def test_an_update_of_a_deployment(kind: str, path: str, value: Any, effects: set[Effect]) -> None:
    [assessment] = assess(step(kind, "update", BEFORE[kind], changed(kind, path, value)))
    assert {finding.effect for finding in assessment.findings} == effects
    assert assessment.effect == max(effects)
    assert assessment.known
    if effects != {NONE}:
        worst = max(assessment.findings, key=lambda finding: finding.effect)
        assert worst.fields
        assert worst.why


def test_a_recreated_deployment_whose_pods_change_is_an_outage_now() -> None:
    new = changed(DEPLOYMENT, f"{BACKEND}image", "web:2")
    new["spec"]["strategy"] = {"type": "Recreate"}
    [assessment] = assess(step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], new))
    assert assessment.effect is OUTAGE


def test_a_hook_that_becomes_the_sleep_is_no_loss() -> None:
    program = {"preStop": {"exec": {"command": ["wait"]}}, "postStart": {"exec": {"command": ["warm"]}}}
    before = changed(DEPLOYMENT, f"{BACKEND}lifecycle", program)
    after = changed(DEPLOYMENT, f"{BACKEND}lifecycle", {"preStop": {"sleep": {"seconds": 35}}})
    [assessment] = assess(step(DEPLOYMENT, "update", before, after))
    assert {finding.effect for finding in assessment.findings} == {RESTART}
