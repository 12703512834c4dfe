"""What a failure takes, and which load the rest can carry: held against a simulation, pod by pod."""

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
    """Pods in each domain, each put where there are fewest."""
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
        assert capacity.lost(failure, pods, cluster) == fullest(failure, pods, cluster)


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
def test_over_how_many_domains_pods_are_spread(failure: Any, pods: int, cluster: ClusterFacts, count: int) -> None:
    assert capacity.domains_of(failure, pods, cluster) == count


def carried(
    given: BackendSettings, cluster: ClusterFacts, percent: int, request: Decimal, limit: Decimal, *, within: bool
) -> bool:
    """Whether what a loss leaves carries a load, whatever the number of pods; ``within`` requests at the least one."""
    for pods in range(given.replicas, given.max_replicas + 1):
        left = pods - fullest(given.survive, pods, cluster)
        load = pods * percent * request
        if load > left * 100 * limit or (within and pods == given.replicas and load > left * 100 * request):
            return False
    return True


@pytest.mark.parametrize(("survive", "replicas", "more"), CASES)
def test_the_highest_cpu_target_is_the_last_that_the_rest_can_carry(survive: str, replicas: int, more: int) -> None:
    for cpu, most in AMOUNTS:
        given = backend(
            survive=survive,
            replicas=replicas,
            autoscaling={"enabled": bool(more), "maxReplicas": replicas + more},
            resources={"requests": {"cpu": cpu, "memory": "64Mi"}, "limits": {"cpu": most, "memory": "64Mi"}},
        )
        for cluster in (ClusterFacts(ZONES[:3], 3), ClusterFacts(ZONES[:2], 5), ClusterFacts(nodes=4), UNKNOWN):
            found = capacity.highest_cpu_percent(given, cluster)
            if fullest(survive, replicas, cluster) == replicas:
                assert found is None
                continue
            assert found is not None
            amounts = amount(cpu), amount(most)
            assert carried(given, cluster, found, *amounts, within=True)
            assert not carried(given, cluster, found + 1, *amounts, within=True)


@pytest.mark.parametrize(("survive", "replicas", "more"), CASES)
def test_the_highest_memory_target_is_the_last_that_the_rest_can_hold(survive: str, replicas: int, more: int) -> None:
    for memory, most in (("128Mi", "256Mi"), ("256Mi", "256Mi"), ("100M", "1G")):
        given = backend(
            survive=survive,
            replicas=replicas,
            autoscaling={"enabled": bool(more), "maxReplicas": replicas + more},
            resources={"requests": {"cpu": "1", "memory": memory}, "limits": {"cpu": "1", "memory": most}},
        )
        for cluster in (ClusterFacts(ZONES[:3], 3), ClusterFacts(nodes=4), UNKNOWN):
            found = capacity.highest_memory_percent(given, cluster)
            if fullest(survive, replicas, cluster) == replicas:
                assert found is None
                continue
            assert found is not None
            amounts = amount(memory), amount(most)
            assert carried(given, cluster, found, *amounts, within=False)
            assert not carried(given, cluster, found + 1, *amounts, within=False)


def test_the_reference_workload_over_three_zones_may_run_at_two_thirds() -> None:
    assert capacity.highest_cpu_percent(backend(survive="zone"), ClusterFacts(ZONES[:3], 3)) == 66
    assert capacity.highest_cpu_percent(backend(survive="zone"), ClusterFacts(ZONES[:2], 2)) == 33


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
def test_what_some_of_the_pods_carry(scaling: dict[str, Any], pods: int, left: int, *, enough: bool) -> None:
    given = backend(
        autoscaling=scaling,
        resources={"requests": {"cpu": "500m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
    )
    assert capacity.carried(given, pods, left) is enough
