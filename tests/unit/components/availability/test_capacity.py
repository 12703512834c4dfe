"""How many pods a failure takes, and which load the others can carry, compared with a simulation pod by pod."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, capacity
from components.settings import BackendSettings
from components.settings.quantity import amount
from tests.support.fake_engine import backend

ZONES = ("a", "b", "c", "d", "e")
SHAPES = [
    ClusterFacts(ZONES[:zones], nodes)
    for zones in range(6)
    for nodes in (None, 1, 2, 3, 5, 7, 12)
    if nodes is None or nodes >= zones
]
AMOUNTS = [("500m", "1"), ("1", "1"), ("250m", "1"), ("300m", "700m"), ("1", "1.5")]
CASES = [
    (survive, replicas, more)
    for survive in ("pod", "node", "zone")
    for replicas in (2, 3, 4, 5, 7, 11)
    for more in (0, 1, 6)
]


def spread(pods: int, domains: int) -> list[int]:
    """Return the pods in each domain if each pod goes to the emptiest one."""
    counts = [0] * domains
    for _ in range(pods):
        counts[counts.index(min(counts))] += 1
    return counts


def domains(failure: str, pods: int, cluster: ClusterFacts) -> int:
    return {"pod": pods, "node": max(cluster.nodes or 0, len(cluster.zones)), "zone": len(cluster.zones)}[failure]


def fullest(failure: str, pods: int, cluster: ClusterFacts) -> int:
    count = domains(failure, pods, cluster)
    return max(spread(pods, count)) if count else pods


@pytest.mark.parametrize("failure", ["pod", "node", "zone"])
@pytest.mark.parametrize("cluster", SHAPES, ids=lambda shape: f"{len(shape.zones)} zones, {shape.nodes} nodes")
def test_a_failure_takes_the_fullest_domain_of_an_even_spread(failure: Any, cluster: ClusterFacts) -> None:
    for pods in range(1, 30):
        assert capacity.pods_lost(failure, pods, cluster) == fullest(failure, pods, cluster)


@pytest.mark.parametrize(
    ("failure", "pods", "cluster", "count"),
    [
        ("pod", 4, UNKNOWN, 4),
        ("node", 4, UNKNOWN, 0),
        ("zone", 4, UNKNOWN, 0),
        ("node", 4, ClusterFacts(nodes=9), 4),
        ("node", 4, ClusterFacts(("a", "b")), 2),
        ("node", 9, ClusterFacts(("a", "b"), 6), 6),
        ("zone", 9, ClusterFacts(("a", "b"), 6), 2),
        ("zone", 1, ClusterFacts(("a", "b"), 6), 1),
        ("zone", 9, ClusterFacts(nodes=6), 0),
    ],
)
def test_how_many_domains_pods_are_spread_over(failure: Any, pods: int, cluster: ClusterFacts, count: int) -> None:
    assert capacity.domain_count(failure, pods, cluster) == count


def remaining_pods_carry(
    settings: BackendSettings, cluster: ClusterFacts, percent: int, request: Decimal, limit: Decimal, *, within: bool
) -> bool:
    """Return whether the remaining pods carry a load at every replica count; ``within`` requests at the lowest one."""
    for pods in range(settings.replicas, settings.max_replicas + 1):
        left = pods - fullest(settings.survive, pods, cluster)
        load = pods * percent * request
        if load > left * 100 * limit or (within and pods == settings.replicas and load > left * 100 * request):
            return False
    return True


@pytest.mark.parametrize(("survive", "replicas", "more"), CASES)
def test_the_highest_cpu_target_is_the_last_one_that_the_remaining_pods_can_carry(
    survive: str, replicas: int, more: int
) -> None:
    for cpu, most in AMOUNTS:
        settings = backend(
            survive=survive,
            replicas=replicas,
            autoscaling={"enabled": bool(more), "maxReplicas": replicas + more},
            resources={"requests": {"cpu": cpu, "memory": "64Mi"}, "limits": {"cpu": most, "memory": "64Mi"}},
        )
        for cluster in (ClusterFacts(ZONES[:3], 3), ClusterFacts(ZONES[:2], 5), ClusterFacts(nodes=4), UNKNOWN):
            percent = capacity.max_cpu_percent(settings, cluster)
            if fullest(survive, replicas, cluster) == replicas:
                assert percent is None
                continue
            assert percent is not None
            amounts = amount(cpu), amount(most)
            assert remaining_pods_carry(settings, cluster, percent, *amounts, within=True)
            assert not remaining_pods_carry(settings, cluster, percent + 1, *amounts, within=True)


@pytest.mark.parametrize(("survive", "replicas", "more"), CASES)
def test_the_highest_memory_target_is_the_last_one_that_the_remaining_pods_can_hold(
    survive: str, replicas: int, more: int
) -> None:
    for memory, most in (("128Mi", "256Mi"), ("256Mi", "256Mi"), ("100M", "1G")):
        settings = backend(
            survive=survive,
            replicas=replicas,
            autoscaling={"enabled": bool(more), "maxReplicas": replicas + more},
            resources={"requests": {"cpu": "1", "memory": memory}, "limits": {"cpu": "1", "memory": most}},
        )
        for cluster in (ClusterFacts(ZONES[:3], 3), ClusterFacts(nodes=4), UNKNOWN):
            percent = capacity.max_memory_percent(settings, cluster)
            if fullest(survive, replicas, cluster) == replicas:
                assert percent is None
                continue
            assert percent is not None
            amounts = amount(memory), amount(most)
            assert remaining_pods_carry(settings, cluster, percent, *amounts, within=False)
            assert not remaining_pods_carry(settings, cluster, percent + 1, *amounts, within=False)


def test_the_reference_workload_in_three_zones_may_run_at_two_thirds() -> None:
    assert capacity.max_cpu_percent(backend(survive="zone"), ClusterFacts(ZONES[:3], 3)) == 66
    assert capacity.max_cpu_percent(backend(survive="zone"), ClusterFacts(ZONES[:2], 2)) == 33


@pytest.mark.parametrize(
    ("scaling", "pods", "left", "enough"),
    [
        ({"cpuPercent": 50}, 4, 1, True),
        ({"cpuPercent": 50}, 5, 1, False),
        ({"cpuPercent": 50}, 8, 2, True),
        ({"cpuPercent": 50}, 9, 2, False),
        ({"cpuPercent": 50}, 2, 0, False),
        ({"enabled": False}, 9, 1, True),
        ({"enabled": False}, 9, 0, False),
        ({"cpuPercent": None, "memoryPercent": 40}, 9, 1, True),
    ],
)
def test_whether_some_of_the_pods_carry_the_load(
    scaling: dict[str, Any], pods: int, left: int, *, enough: bool
) -> None:
    settings = backend(
        autoscaling=scaling,
        resources={"requests": {"cpu": "500m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
    )
    assert capacity.can_carry_load(settings, pods, left) is enough


@pytest.mark.parametrize(
    ("budget", "replicas", "disruptions"),
    [
        ({}, 3, 1),
        ({"maxUnavailable": 2}, 3, 2),
        ({"maxUnavailable": 3}, 3, 3),
        ({"maxUnavailable": 9}, 3, 3),
        ({"maxUnavailable": 2}, 7, 2),
        ({"maxUnavailable": "25%"}, 3, 1),  # Kubernetes rounds up
        ({"maxUnavailable": "50%"}, 7, 4),
        ({"maxUnavailable": "0%"}, 7, 0),
        ({"minAvailable": 2}, 3, 1),
        ({"minAvailable": "50%"}, 7, 3),
        ({"minAvailable": 9}, 3, 0),
    ],
)
def test_a_drain_evicts_what_the_disruption_budget_allows(
    budget: dict[str, Any], replicas: int, disruptions: int
) -> None:
    settings = backend(disruptionBudget=budget)
    assert settings.evictable(replicas) == disruptions
