"""Why a pod is not ready, and which pods are foreign."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import findings
from components.inspection.findings.pods import problems
from tests.support.fake_engine import backend
from tests.support.observations import container, observation, pod


def test_a_terminating_foreign_pod_is_fine() -> None:
    assert findings.collect(backend(), observation(pods=(pod(), pod("other", owner=None, terminating=True)))) == []


@pytest.mark.parametrize(
    ("failing", "text"),
    [
        (
            pod(
                "a",
                conditions=[("Ready", "False", "ContainersNotReady", "x")],
                containers=[container("CrashLoopBackOff")],
            ),
            "pod a: CrashLoopBackOff",
        ),
        (
            pod("a", conditions=[("PodScheduled", "False", "Unschedulable", "no capacity")], containers=()),
            "pod a: Unschedulable no capacity",
        ),
        (pod("a", conditions=[("Ready", "False")]), "pod a: not ready"),
        (
            pod(
                "a",
                conditions=[("Ready", "False", "ContainersNotReady", "containers: [backend]")],
                containers=[container()],
            ),
            "pod a: ContainersNotReady containers: [backend]",
        ),
    ],
)
def test_a_pod_that_is_not_ready_has_a_reason(failing: Any, text: str) -> None:
    assert problems((pod(), failing)) == [text]


def test_at_most_three_pods_are_named() -> None:
    lines = problems(tuple(pod(f"pod-{number}", conditions=[("Ready", "False", "No")]) for number in range(5)))
    assert lines == ["pod pod-0: No", "pod pod-1: No", "pod pod-2: No", "and 2 more"]


def test_a_running_pod_and_one_without_status_have_no_problem() -> None:
    unknown = pod()
    unknown.status.conditions = unknown.status.container_statuses = None
    assert problems((pod(), unknown)) == []


def test_a_failing_init_container_is_named_and_not_those_that_wait_for_it() -> None:
    stuck = pod(
        "pod-1",
        conditions=(("Ready", "False", "ContainersNotReady"),),
        containers=(container("PodInitializing"),),
        init_containers=[
            container(ready=True),
            container("CrashLoopBackOff", "back-off 10s restarting failed container"),
        ],
    )
    waiting = pod(
        "pod-2",
        conditions=(("Ready", "False", "ContainersNotReady", "not yet"),),
        containers=(container("PodInitializing"),),
        init_containers=[container()],
    )
    assert problems((stuck, waiting)) == [
        "pod pod-1: CrashLoopBackOff back-off 10s restarting failed container",
        "pod pod-2: ContainersNotReady not yet",
    ]
