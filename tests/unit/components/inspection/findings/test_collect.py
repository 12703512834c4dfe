"""Every way to break the promise is reported in one line with its id, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import findings
from tests.support.fake_engine import backend
from tests.support.observations import (
    NAME,
    THREE_PLACES,
    autoscaler,
    budget,
    container,
    deployment,
    endpoints,
    observation,
    pod,
)

REFRESH = "restore it with a refresh (make up ARGS=--refresh, or pulumi up --refresh)"
ADVICE = "free capacity there, then replace the pods (kubectl rollout restart) [pods-in-one-domain]"
LABEL = (
    "but carries the label in the selectors of the Service, the autoscaler and the disruption budget: remove that "
    "label from the pod [foreign-pod-selected]"
)
IMAGE_PULL = pod(
    "new",
    conditions=[("Ready", "False", "ContainersNotReady", "x")],
    containers=[container("ImagePullBackOff", "no such image")],
)
PENDING = pod("late", conditions=[("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")], containers=())
# What differs from a healthy backend, and the only finding.
CASES: list[tuple[dict[str, Any], str]] = [
    ({"deployment": None}, f"Deployment {NAME} does not exist: {REFRESH} [object-missing]"),
    (
        {"deployment": deployment(replicas=2, updated=3, available=3)},
        f"Deployment {NAME} has 2 replicas, fewer than the autoscaler's minimum (3): check the autoscaler, which "
        "raises the number [replica-count-drifted]",
    ),
    (
        {"deployment": deployment(available=2)},
        f"Deployment {NAME} has 2 of 3 pods available, and 3 of this release [pods-unavailable]",
    ),
    (
        {"deployment": deployment(updated=1)},
        f"Deployment {NAME} has 3 of 3 pods available, and 1 of this release [pods-unavailable]",
    ),
    (
        {"deployment": deployment(available=0, updated=0)},
        f"Deployment {NAME} has 0 of 3 pods available, and 0 of this release [pods-unavailable]",
    ),
    (
        {"deployment": deployment(available=2), "pods": (pod(), IMAGE_PULL)},
        f"Deployment {NAME} has 2 of 3 pods available, and 3 of this release (pod new: ImagePullBackOff no such image) "
        "[pods-unavailable]",
    ),
    ({"autoscaler": None}, f"HorizontalPodAutoscaler {NAME} does not exist: {REFRESH} [object-missing]"),
    (
        {"autoscaler": autoscaler(minimum=1)},
        f"HorizontalPodAutoscaler {NAME} scales from 1 to 10 pods, but the settings require 3 to 10: {REFRESH} "
        "[autoscaler-bounds-drifted]",
    ),
    (
        {"autoscaler": autoscaler(maximum=99)},
        f"HorizontalPodAutoscaler {NAME} scales from 3 to 99 pods, but the settings require 3 to 10: {REFRESH} "
        "[autoscaler-bounds-drifted]",
    ),
    (
        {"autoscaler": autoscaler(conditions=[("ScalingActive", "False", "FailedGetResourceMetric", "no metrics")])},
        f"HorizontalPodAutoscaler {NAME} cannot scale: ScalingActive is False (FailedGetResourceMetric: no metrics) "
        "[autoscaler-inactive]",
    ),
    (
        {"autoscaler": autoscaler(conditions=[("AbleToScale", "Unknown", "FailedGetScale", "no scale")])},
        f"HorizontalPodAutoscaler {NAME} cannot scale: AbleToScale is Unknown (FailedGetScale: no scale) "
        "[autoscaler-inactive]",
    ),
    ({"budget": None}, f"PodDisruptionBudget {NAME} does not exist: {REFRESH} [object-missing]"),
    (
        {"budget": budget(expected=0)},
        f"PodDisruptionBudget {NAME} selects no pod, so a drain may evict all of them at once: {REFRESH} "
        "[disruption-budget-selects-no-pods]",
    ),
    (
        {"budget": budget(allowed=0, desired=3)},
        f"PodDisruptionBudget {NAME} never allows a disruption (3 of 3 pods must stay healthy), so node upgrades would "
        f"hang: {REFRESH} [disruption-budget-blocks-drains]",
    ),
    (
        {"budget": budget(allowed=0, expected=1, healthy=1, desired=2)},
        f"PodDisruptionBudget {NAME} never allows a disruption (2 of 1 pods must stay healthy), so node upgrades would "
        f"hang: {REFRESH} [disruption-budget-blocks-drains]",
    ),
    ({"service": None}, f"Service {NAME} does not exist: {REFRESH} [object-missing]"),
    ({"endpoints": ()}, f"Service {NAME} has no ready endpoint, so every request fails [endpoints-not-ready]"),
    (
        {"endpoints": (), "pods": (PENDING,)},
        f"Service {NAME} has no ready endpoint, so every request fails (pod late: Unschedulable 0/3 nodes are "
        "available) [endpoints-not-ready]",
    ),
    (
        {"endpoints": endpoints(*THREE_PLACES[:2])},
        f"Service {NAME} has 2 of 3 ready endpoints [endpoints-not-ready]",
    ),
    (
        {"endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)])},
        f"all 3 pods are in zone zone-a, although zone-b, zone-c would accept pods: {ADVICE}",
    ),
    (
        {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3), "schedulable_zones": frozenset({"zone-a"})},
        f"all 3 pods are on node zone-a-1, although zone-b-1, zone-c-1 would accept pods: {ADVICE}",
    ),
    (
        {
            "endpoints": endpoints(*[(None, "one")] * 3),
            "schedulable_zones": frozenset(),
            "schedulable_nodes": frozenset({"one", "two"}),
        },
        f"all 3 pods are on node one, although two would accept pods: {ADVICE}",
    ),
    (
        {"pods": (pod(), pod("other", owner=None))},
        f"pod other does not belong to Deployment {NAME}, {LABEL}",
    ),
    (
        {
            "pods": (pod(), pod("theirs", owner="theirs-77")),
            "deployment_by_replica_set": {**observation().deployment_by_replica_set, "theirs-77": "theirs"},
        },
        f"pod theirs does not belong to Deployment {NAME}, {LABEL}",
    ),
]


def test_a_backend_that_keeps_its_promise_has_no_findings() -> None:
    assert findings.collect(backend(), observation()) == []


@pytest.mark.parametrize(("different", "text"), CASES, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_one_problem_is_the_only_finding(different: dict[str, Any], text: str) -> None:
    assert findings.collect(backend(), observation(**different)) == [text]


def test_all_problems_are_reported_together() -> None:
    lines = findings.collect(
        backend(), observation(deployment=None, autoscaler=None, budget=None, service=None, endpoints=())
    )
    assert [line.split()[0] for line in lines] == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "Service",
    ]
