"""The seconds and numbers that objects share."""

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
def test_the_grace_period_holds_the_sleep_and_the_drain(sleep: int, drain: int) -> None:
    given = backend(shutdown={"deregistrationSeconds": sleep, "drainSeconds": drain})
    assert timing.grace_period(given) == sleep + drain + 5
    assert timing.deletion_timeout(given) == sleep + drain + 65


@pytest.mark.parametrize(
    ("replicas", "extra", "waves"),
    [(1, 1, 1), (3, 1, 3), (4, 1, 4), (5, 2, 3), (8, 2, 4), (9, 3, 3), (10, 3, 4), (100, 25, 4), (1000, 250, 4)],
)
def test_surge_and_waves(replicas: int, extra: int, waves: int) -> None:
    assert timing.surge(replicas) == extra
    assert timing.waves(replicas) == waves


def test_a_start_counts_once_the_pod_has_stayed_ready() -> None:
    assert timing.start(backend()) == 60 + 5
    assert timing.start(backend(health={"startupSeconds": 20}, rollout={"minReadySeconds": 1})) == 21


def test_the_rollout_timeout_of_the_reference_workload() -> None:
    # 10 pods at the most: 4 waves of 3, each 60 s to start and 5 s to stay ready; 300 s deadline; 10 s until it is told.
    assert timing.rollout_timeout(backend()) == 4 * 65 + 300 + 10
    assert timing.rollout_timeout(backend(autoscaling={"enabled": False})) == 3 * 65 + 300 + 10


@pytest.mark.parametrize("settings", EXTREMES)
def test_kubernetes_judges_a_rollout_before_the_engine_gives_up(settings: dict[str, Any]) -> None:
    given = backend(**settings)
    assert timing.rollout_timeout(given) > given.rollout.progress_deadline_seconds + given.health.startup_seconds
    assert timing.deletion_timeout(given) > timing.grace_period(given)


@pytest.mark.parametrize("settings", EXTREMES)
def test_the_autoscaler_is_given_the_time_in_which_pods_start_and_metrics_arrive(settings: dict[str, Any]) -> None:
    given = backend(**settings)
    assert timing.autoscaler_timeout(given) >= timing.rollout_timeout(given)
    assert timing.autoscaler_timeout(given) >= timing.start(given) + 300


def test_metrics_are_waited_for_after_a_quick_rollout_too() -> None:
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
def test_most_pods_are_there_while_a_rollout_at_full_scale_and_its_way_back_drain(
    settings: dict[str, Any], most: int
) -> None:
    assert timing.most_pods(backend(**settings)) == most


def waiting(pods: int) -> int:
    """Pods at the worst moment of a rollout in which no old pod ever ends: step by step, as the Deployment controller goes."""
    return _after(pods, ending=0)[0]


def waiting_twice(pods: int) -> int:
    """The same where a second release follows the first at once, as the way back from a bad one does."""
    most, ending = _after(pods, ending=0)
    return max(most, _after(pods, ending)[0])


def _after(pods: int, ending: int) -> tuple[int, int]:
    surge, old, new, most = timing.surge(pods), pods, 0, pods + ending
    while new < pods:
        made = min(pods + surge - old - new, pods - new)
        new += made
        most = max(most, old + new + ending)
        gone = old + new - pods
        old, ending = old - gone, ending + gone
    return most, ending


@pytest.mark.parametrize("pods", [1, 2, 3, 4, 5, 7, 10, 33, 100, 999, 1000])
def test_no_rollout_has_more_pods_than_that(pods: int) -> None:
    given = backend(replicas=pods, autoscaling={"enabled": False})
    assert waiting(pods) < waiting_twice(pods) <= timing.most_pods(given) <= 3 * pods + 2 * timing.surge(pods)


@pytest.mark.parametrize(
    ("storage", "size"), [("64Mi", 320 * 2**20), ("1Gi", 1280 * 2**20), ("1e9", 10**9 + 256 * 2**20)]
)
def test_a_pod_may_write_its_temporary_files_and_its_logs(storage: str, size: int) -> None:
    assert timing.ephemeral_bytes(backend(resources={"tmpSizeLimit": storage})) == size


def test_the_logs_that_clouds_keep_of_a_container_fit() -> None:
    assert timing.LOG_BYTES > 5 * 50 * 2**20
