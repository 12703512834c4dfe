"""Check the promise for the loss of one of several clusters, and which settings cannot hold it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pulumi
import pytest

from components import across
from components.availability import cluster_loss
from components.settings import SettingsError
from components.settings.balancer import BalancerSettings
from tests.support.fake_engine import IMAGE, backend

OVER = BalancerSettings(healthCheckSeconds=30, ttlSeconds=60)
TWO = ("east", "west")


def scaled(cpu: int | None, **more: Any) -> dict[str, Any]:
    return {"image": IMAGE, "autoscaling": {"maxReplicas": 12, "cpuPercent": cpu, **more}}


def rejected(names: Any, settings: Any, balancer: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        across(names, settings, balancer)
    assert isinstance(caught.value, pulumi.RunError)
    return {problem.key: problem.text for problem in caught.value.problems}


def test_two_of_the_same_size() -> None:
    found = across(TWO, scaled(50), OVER)
    assert found.weights == {"east": 50, "west": 50}
    assert found.health_path == "/readyz"
    promise = found.promise["cluster"]
    assert (promise["survived"], promise["errorWindowSeconds"], promise["capacityLeftPercent"]) == (True, 90, 50)
    assert "recoverySeconds" not in promise, "it is unknown when a cluster returns"
    assert promise["errorWindowSources"] == [
        "30 s until the global load balancer's health check fails (balancer.healthCheckSeconds)",
        "60 s for which clients cache its address (balancer.ttlSeconds)",
    ]
    assert promise["why"] == "the other cluster keeps serving, and the load it receives fits within its requests"


def test_three() -> None:
    found = across(("a", "b", "c"), scaled(66), {"healthCheckSeconds": 10, "ttlSeconds": 0})
    assert found.promise["cluster"]["capacityLeftPercent"] == 66
    assert found.promise["cluster"]["errorWindowSeconds"] == 10
    assert found.promise["cluster"]["why"].startswith("the other 2 clusters keep serving, and the load they receive")


def test_an_unknown_utilization_is_stated() -> None:
    fixed = across(TWO, {"image": IMAGE, "autoscaling": {"enabled": False}}, OVER).promise["cluster"]
    assert "it is unknown whether they can carry the load" in fixed["why"]


@pytest.mark.parametrize(("names", "most"), [(TWO, 50), (("a", "b", "c"), 66)])
def test_the_target_that_is_named_is_the_highest_that_holds(names: tuple[str, ...], most: int) -> None:
    text = rejected(names, scaled(most + 1), OVER)["backend.autoscaling.cpuPercent"]
    assert "is too high to survive the loss of a cluster: the pods on the other clusters would need more CPU" in text
    assert f": lower it to {most}, or use more clusters" in text
    across(names, scaled(most), OVER)


def test_memory_is_bounded_by_its_limit() -> None:
    sized = {"resources": {"requests": {"cpu": "1", "memory": "100Mi"}, "limits": {"cpu": "1", "memory": "120Mi"}}}
    text = rejected(TWO, {**scaled(50, memoryPercent=61), **sized}, OVER)["backend.autoscaling.memoryPercent"]
    assert "lower it to 60" in text


@pytest.mark.parametrize("sizes", [(3, 3), (2, 6), (4, 4, 4), (2, 3, 7)])
def test_the_rest_never_needs_more_cpu_than_it_is_guaranteed(sizes: tuple[int, ...]) -> None:
    """Count the cores that are needed and the cores that remain."""
    for target in range(10, 101):
        backends = {f"c{number}": backend(**{**scaled(target), "replicas": size}) for number, size in enumerate(sizes)}
        wanted = sum(size * Fraction(target, 200) for size in sizes)  # half a core each
        there = min(sum(Fraction(other, 2) for j, other in enumerate(sizes) if j != i) for i in range(len(sizes)))
        assert bool(list(cluster_loss.conflicts(backends))) == (wanted > there), target


def test_of_different_sizes_the_largest_is_the_worst_to_lose_and_gets_the_most() -> None:
    backends = {"small": backend(replicas=2), "large": backend(replicas=6)}
    assert cluster_loss.weights(backends) == {"small": 25, "large": 75}
    assert cluster_loss.loss(backends, OVER).capacity_left_percent == 25


@pytest.mark.parametrize(
    ("names", "settings", "balancer", "keys"),
    [
        (["one"], scaled(50), OVER, {"clusters"}),
        ([], scaled(50), OVER, {"clusters"}),
        (TWO, {**scaled(50), "port": 0}, {}, {"backend.port", "balancer.healthCheckSeconds"}),
        (TWO, scaled(50), {"healthCheckSeconds": 0, "ttl": 5}, {"balancer.healthCheckSeconds", "balancer.ttl"}),
        (TWO, scaled(50), "30 s", {"balancer"}),
    ],
)
def test_every_problem_at_once(names: Any, settings: Any, balancer: Any, keys: set[str]) -> None:
    assert set(rejected(names, settings, balancer)) == keys
