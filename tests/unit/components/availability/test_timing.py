"""The seconds and numbers that Kubernetes objects share."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import timing
from tests.support.fake_engine import backend

EXTREMES: list[dict[str, Any]] = [
    {},
    {"replicas": 1},
    {"replicas": 100, "autoscaling": {"maxReplicas": 1000}},
    {"autoscaling": {"enabled": False}},
    {"rollout": {"progressDeadlineSeconds": 3600}},
    {"health": {"startupSeconds": 1800}, "rollout": {"progressDeadlineSeconds": 3600}},
    {"shutdown": {"deregistrationSeconds": 3600, "drainSeconds": 3600}},
]


@pytest.mark.parametrize(("sleep", "drain"), [(35, 20), (5, 1), (120, 300)])
def test_the_grace_period_covers_the_sleep_and_the_drain(sleep: int, drain: int) -> None:
    stack = backend(shutdown={"deregistrationSeconds": sleep, "drainSeconds": drain})
    assert timing.grace_period(stack) == sleep + drain + 5
    assert timing.deletion_timeout(stack) == sleep + drain + 65


@pytest.mark.parametrize(
    ("replicas", "extra", "waves"),
    [(1, 1, 1), (3, 1, 3), (4, 1, 4), (5, 2, 3), (8, 2, 4), (9, 3, 3), (10, 3, 4), (100, 25, 4), (1000, 250, 4)],
)
def test_surge_and_waves(replicas: int, extra: int, waves: int) -> None:
    assert timing.surge(backend(), replicas) == extra
    assert timing.waves(backend(), replicas) == waves


@pytest.mark.parametrize(
    ("pace", "replicas", "extra", "taken", "waves"),
    [
        ({"maxSurge": 0, "maxUnavailable": 1}, 4, 0, 1, 4),
        ({"maxSurge": 0, "maxUnavailable": "50%"}, 5, 0, 2, 3),  # Kubernetes rounds down
        ({"maxSurge": "0%", "maxUnavailable": "10%"}, 5, 0, 1, 5),  # both nothing: Kubernetes takes one pod
        ({"maxSurge": "100%"}, 5, 5, 0, 1),
        ({"maxSurge": 1, "maxUnavailable": 1}, 4, 1, 1, 2),
    ],
)
def test_the_pace_of_a_rollout(pace: dict[str, Any], replicas: int, extra: int, taken: int, waves: int) -> None:
    stack = backend(overrides={"deployment": {"spec": {"strategy": {"rollingUpdate": pace}}}})
    assert timing.surge(stack, replicas) == extra
    assert timing.unavailable(stack, replicas) == taken
    assert timing.waves(stack, replicas) == waves


def test_a_start_ends_when_the_pod_has_stayed_ready() -> None:
    assert timing.pod_start(backend()) == 60 + 5
    assert timing.pod_start(backend(health={"startupSeconds": 20}, rollout={"minReadySeconds": 1})) == 21


def test_the_rollout_timeout_of_the_reference_workload() -> None:
    # At most 10 pods: 4 waves of 3, each 60 s to start and 5 s to stay ready; 300 s deadline; 10 s until it is noticed.
    assert timing.rollout_timeout(backend()) == 4 * 65 + 300 + 10
    assert timing.rollout_timeout(backend(autoscaling={"enabled": False})) == 3 * 65 + 300 + 10


@pytest.mark.parametrize("settings", EXTREMES)
def test_kubernetes_reports_a_stall_before_the_engine_gives_up(settings: dict[str, Any]) -> None:
    stack = backend(**settings)
    assert timing.rollout_timeout(stack) > stack.rollout.progress_deadline_seconds + stack.health.startup_seconds
    assert timing.deletion_timeout(stack) > timing.grace_period(stack)


@pytest.mark.parametrize("settings", EXTREMES)
def test_the_autoscaler_timeout_covers_the_start_of_pods_and_the_first_metrics(settings: dict[str, Any]) -> None:
    stack = backend(**settings)
    assert timing.autoscaler_timeout(stack) >= timing.rollout_timeout(stack)
    assert timing.autoscaler_timeout(stack) >= timing.pod_start(stack) + 300


def test_the_engine_waits_for_metrics_after_a_quick_rollout_too() -> None:
    quick = backend(
        replicas=2,
        health={"startupSeconds": 5},
        rollout={"progressDeadlineSeconds": 30},
        autoscaling={"maxReplicas": 4},
    )
    assert timing.rollout_timeout(quick) == 4 * 10 + 30 + 10
    assert timing.autoscaler_timeout(quick) == 10 + 300


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        ({}, 3 * 10 + 2 * 3),
        ({"autoscaling": {"enabled": False}}, 3 * 3 + 2),
        ({"autoscaling": {"maxReplicas": 1000}}, 3500),
    ],
)
def test_most_pods_exist_while_a_rollout_at_full_scale_and_its_rollback_drain(
    settings: dict[str, Any], most: int
) -> None:
    assert timing.max_pods(backend(**settings)) == most


def pods_in_a_rollout(pods: int) -> int:
    """Return the most pods in a rollout in which no old pod ever terminates, step by step as the controller does it."""
    return _after(pods, terminating=0)[0]


def pods_in_a_rollback(pods: int) -> int:
    """Return the most pods if a second release follows at once, as the rollback of a bad one does."""
    most, terminating = _after(pods, terminating=0)
    return max(most, _after(pods, terminating)[0])


def _after(pods: int, terminating: int) -> tuple[int, int]:
    surge, old, new, most = timing.surge(backend(), pods), pods, 0, pods + terminating
    while new < pods:
        created = min(pods + surge - old - new, pods - new)
        new += created
        most = max(most, old + new + terminating)
        gone = old + new - pods
        old, terminating = old - gone, terminating + gone
    return most, terminating


@pytest.mark.parametrize("pods", [1, 2, 3, 4, 5, 7, 10, 33, 100, 999, 1000])
def test_no_rollout_exceeds_the_maximum(pods: int) -> None:
    stack = backend(replicas=pods, autoscaling={"enabled": False})
    assert (
        pods_in_a_rollout(pods)
        < pods_in_a_rollback(pods)
        <= timing.max_pods(stack)
        <= 3 * pods + 2 * timing.surge(stack, pods)
    )


@pytest.mark.parametrize(
    ("storage", "size"), [("64Mi", 320 * 2**20), ("1Gi", 1280 * 2**20), ("1e9", 10**9 + 256 * 2**20)]
)
def test_a_pod_may_write_its_temporary_files_and_its_logs(storage: str, size: int) -> None:
    assert timing.ephemeral_bytes(backend(resources={"tmpSizeLimit": storage})) == size


def test_the_logs_that_clouds_keep_per_container_fit() -> None:
    assert timing.LOG_BYTES > 5 * 50 * 2**20
