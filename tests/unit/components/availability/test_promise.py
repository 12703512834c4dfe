"""What is promised for each failure: whether it is survived, how long it takes and where each second comes from."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, conflicts, promise, timing
from components.availability.promise import NEEDS_TWO
from tests.support.fake_engine import backend

ZONES = ("zone-a", "zone-b", "zone-c", "zone-d", "zone-e")
THREE = ClusterFacts(ZONES[:3], 3)
KEYS = {
    "survived",
    "recoverySeconds",
    "errorWindowSeconds",
    "capacityLeftPercent",
    "why",
    "sources",
    "errorWindowSources",
}
HALF_AN_HOUR = {"health": {"startupSeconds": 1800}, "rollout": {"progressDeadlineSeconds": 3600}}


def rows(cluster: ClusterFacts = THREE, **settings: Any) -> dict[str, Any]:
    return promise(backend(**settings), cluster).as_output()


def zones(count: int) -> ClusterFacts:
    return ClusterFacts(ZONES[:count])


def test_every_failure_is_answered() -> None:
    found = rows()
    assert list(found) == ["pod", "hang", "node", "zone", "drain", "rollout", "release"]
    assert all(set(row) == KEYS for row in found.values())
    assert all(row["why"] for row in found.values())


@pytest.mark.parametrize("goal", ["pod", "node", "zone"])
def test_it_says_what_is_demanded(goal: str) -> None:
    assert promise(backend(survive=goal), THREE).goal == goal


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"replicas": 1},
        {"replicas": 7, "disruptionBudget": {"maxUnavailable": 2}},
        HALF_AN_HOUR,
        {"placement": {"tolerationSeconds": 0}},
        {"rollout": {"minReadySeconds": 60, "progressDeadlineSeconds": 500}},
    ],
)
@pytest.mark.parametrize(
    "cluster", [UNKNOWN, THREE, zones(2), ClusterFacts(nodes=9)], ids=["unknown", "three", "two", "nine"]
)
def test_the_sources_of_a_time_sum_up_to_it(cluster: ClusterFacts, settings: dict[str, Any]) -> None:
    for row in rows(cluster, **settings).values():
        parts = [re.fullmatch(r"(\d+) s (\S.*) \((\S.*)\)", source) for source in row["sources"]]
        assert all(parts)
        assert sum(int(part[1]) for part in parts if part) == row["recoverySeconds"]
        assert bool(parts) is row["survived"], "what is not survived has no time"


def test_each_second_says_where_it_comes_from() -> None:
    start = ["60 s to start, at the most (health.startupSeconds)", "5 s to stay ready (rollout.minReadySeconds)"]
    found = {failure: row["sources"] for failure, row in rows().items()}
    assert found["pod"] == found["drain"] == start
    assert found["node"] == found["zone"]
    assert [source.rpartition("(")[2] for source in found["node"]] == [
        "Kubernetes' node-monitor-grace-period since 1.32)",
        "twice its node-monitor-period)",
        "placement.tolerationSeconds)",
        "health.startupSeconds)",
        "rollout.minReadySeconds)",
    ]
    assert [source.split()[0] for source in found["node"]] == ["50", "10", "30", "60", "5"]
    assert [source.split()[0] for source in found["rollout"]] == ["180", "15"]
    assert all("3 times" in source for source in found["rollout"])
    assert [source.split()[0] for source in found["release"]] == [str(4 * 65), "300", "10", "50"]


@pytest.mark.parametrize(
    ("cluster", "more"),
    [
        (THREE, 0),
        (zones(3), 0),
        (ClusterFacts(ZONES[:3], 4), 10),
        (ClusterFacts(ZONES[:3], 6), 10),
        (ClusterFacts(ZONES[:3], 30), 90),
    ],
)
def test_the_nodes_of_a_lost_zone_are_given_up_one_after_the_other(cluster: ClusterFacts, more: int) -> None:
    found = rows(cluster)
    assert found["zone"]["recoverySeconds"] == found["node"]["recoverySeconds"] + more
    assert bool(more) is any("node-eviction-rate" in source for source in found["zone"]["sources"])


def test_every_setting_that_a_source_names_is_one() -> None:
    given = backend().model_dump(by_alias=True)
    names = {
        name
        for row in rows().values()
        for source in row["sources"]
        for name in re.findall(r"\b[a-z]+\.[a-zA-Z]+Seconds\b", source)
    }
    assert names == {
        "health.startupSeconds",
        "rollout.minReadySeconds",
        "rollout.progressDeadlineSeconds",
        "placement.tolerationSeconds",
        "shutdown.deregistrationSeconds",
        "shutdown.drainSeconds",
    }
    assert all(name.split(".")[1] in given[name.split(".")[0]] for name in names)


def test_three_replicas_over_three_zones_survive_everything() -> None:
    found = rows()
    assert all(row["survived"] for row in found.values())
    assert {failure: row["capacityLeftPercent"] for failure, row in found.items()} == {
        "pod": 66,
        "hang": 66,
        "node": 66,
        "zone": 66,
        "drain": 66,
        "rollout": 100,
        "release": 100,
    }
    assert {failure: row["recoverySeconds"] for failure, row in found.items()} == {
        "pod": 65,
        "hang": 32 + 60 + 65,
        "node": 155,
        "zone": 155,
        "drain": 65,
        "rollout": 3 * 65,
        "release": 4 * 65 + 360,
    }


def test_one_replica_survives_only_a_release() -> None:
    found = rows(replicas=1)
    assert [failure for failure, row in found.items() if row["survived"]] == ["rollout", "release"]
    for failure in ("pod", "hang", "node", "zone", "drain"):
        assert (found[failure]["capacityLeftPercent"], found[failure]["recoverySeconds"]) == (0, 0)
        assert found[failure]["why"] == NEEDS_TWO


def test_why_it_is_survived() -> None:
    found = {failure: row["why"] for failure, row in rows().items()}
    assert found["pod"] == "the others serve while it is replaced"
    assert found["node"] == "pods are spread over 3 nodes, evenly where there is room, and replaced elsewhere"
    assert found["zone"] == "pods are spread over 3 zones, evenly where there is room, and replaced in the others"
    assert found["drain"] == "the disruption budget lets 1 go at a time"
    assert found["rollout"] == "new pods are ready before old ones are told to stop"
    assert found["release"] == "old pods serve on while `pulumi up` fails and names what is wrong"


def test_a_hard_spread_is_promised_without_reserve() -> None:
    found = rows(placement={"spread": "hard"})
    assert found["node"]["why"] == "pods are spread over 3 nodes, and replaced elsewhere"
    assert found["zone"]["why"] == "pods are spread over 3 zones, and replaced in the others"


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (UNKNOWN, "no zones are known: name them in cluster.zones"),
        (ClusterFacts(nodes=3), "no node has a zone label"),
        (zones(1), "the cluster has one zone"),
        (ClusterFacts(ZONES[:1], 9), "the cluster has one zone"),
    ],
)
def test_without_a_second_zone_a_zone_is_not_survived(cluster: ClusterFacts, why: str) -> None:
    found = rows(cluster)
    assert (found["zone"]["survived"], found["zone"]["capacityLeftPercent"], found["zone"]["why"]) == (False, 0, why)
    assert found["pod"]["survived"] is found["drain"]["survived"] is True


@pytest.mark.parametrize(
    ("cluster", "survived", "left"),
    [
        (UNKNOWN, False, 0),
        (ClusterFacts(nodes=1), False, 0),
        (ClusterFacts(ZONES[:1], 1), False, 0),
        (ClusterFacts(ZONES[:1], 2), True, 33),
        (ClusterFacts(nodes=2), True, 33),
        (ClusterFacts(nodes=3), True, 66),
        (ClusterFacts(ZONES[:1], 50), True, 66),
        (zones(2), True, 33),
    ],
)
def test_a_node_is_survived_where_there_is_another(cluster: ClusterFacts, survived: bool, left: int) -> None:
    row = rows(cluster)["node"]
    assert (row["survived"], row["capacityLeftPercent"]) == (survived, left)


def test_why_a_node_is_not_survived() -> None:
    assert rows(ClusterFacts(nodes=1))["node"]["why"] == "the cluster has one node"
    assert rows(UNKNOWN)["node"]["why"] == "no nodes are known: name their zones in cluster.zones"
    assert "one node" not in rows(zones(1))["node"]["why"], "one zone is known, its nodes are not"


@pytest.mark.parametrize(
    ("replicas", "count", "left"),
    [(6, 3, 66), (3, 3, 66), (4, 3, 50), (5, 3, 60), (2, 3, 50), (2, 2, 50), (6, 2, 50), (3, 5, 66), (10, 3, 60)],
)
def test_capacity_left_without_the_fullest_zone(replicas: int, count: int, left: int) -> None:
    row = rows(zones(count), replicas=replicas)["zone"]
    assert (row["survived"], row["capacityLeftPercent"]) == (True, left)


def test_more_pods_lose_less_with_one() -> None:
    found = rows(replicas=6)
    assert found["pod"]["capacityLeftPercent"] == found["drain"]["capacityLeftPercent"] == 83
    assert found["rollout"]["recoverySeconds"] == 3 * 65  # 6 pods, 2 at a time


@pytest.mark.parametrize(("budget", "left"), [(1, 83), (2, 66), (4, 33)])
def test_a_drain_leaves_what_the_budget_does_not_give(budget: int, left: int) -> None:
    row = rows(replicas=6, disruptionBudget={"maxUnavailable": budget})["drain"]
    assert (row["survived"], row["capacityLeftPercent"]) == (True, left)
    assert row["why"] == f"the disruption budget lets {budget} go at a time"


@pytest.mark.parametrize("budget", [3, 4, 1000])
def test_a_drain_that_may_take_every_pod_is_not_survived(budget: int) -> None:
    assert rows(disruptionBudget={"maxUnavailable": budget})["drain"]["survived"] is False


@pytest.mark.parametrize("settings", [{}, HALF_AN_HOUR, {"autoscaling": {"enabled": False}}, {"replicas": 9}])
def test_a_bad_release_is_told_before_the_engine_gives_up_on_the_deployment(settings: dict[str, Any]) -> None:
    assert (
        rows(**settings)["release"]["recoverySeconds"] == timing.rollout_timeout(backend(**settings)) + timing.REPORTING
    )


@pytest.mark.parametrize("survive", ["pod", "node", "zone"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_demanded_and_not_refused_is_promised(survive: str, count: int) -> None:
    cluster = ClusterFacts(ZONES[:count], count)
    given = backend(survive=survive, autoscaling={"cpuPercent": 30})
    assert promise(given, cluster).as_output()[survive]["survived"] is (conflicts(given, cluster) == [])


def test_the_output_is_plain_data() -> None:
    for row in rows().values():
        assert [type(value) for value in row.values()] == [bool, int, int, int, str, list, list]


CLUSTER: dict[str, Any] = {"loadBalancer": {"externalTrafficPolicy": "Cluster"}}


@pytest.mark.parametrize(
    ("settings", "pod", "lost"),
    [
        ({}, 3 + 30, 30 + 1),
        ({"loadBalancer": {"healthCheckSeconds": 4}}, 3 + 4, 4 + 1),
        ({"loadBalancer": {"healthCheckSeconds": 300}}, 3 + 300, 300 + 1),
        (CLUSTER, 3, 60 + 3),
        # The load balancer sends requests to the node itself for as long as its own check takes, whatever the policy.
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster", "healthCheckSeconds": 61}}, 3, 60 + 3),
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster", "healthCheckSeconds": 90}}, 3, 90 + 1),
    ],
)
def test_how_long_requests_may_fail(settings: dict[str, Any], pod: int, lost: int) -> None:
    assert {failure: row["errorWindowSeconds"] for failure, row in rows(**settings).items()} == {
        "pod": pod,
        "hang": 2 * 5 + 2 + pod,
        "node": lost,
        "zone": lost,
        "drain": 0,
        "rollout": 0,
        "release": 0,
    }


@pytest.mark.parametrize("settings", [{}, CLUSTER, {"replicas": 7}])
def test_the_terms_in_which_requests_fail_sum_up_and_say_where_they_come_from(settings: dict[str, Any]) -> None:
    given = promise(backend(**settings), THREE)
    for survival in given.survivals:
        assert survival.failing_seconds == sum(term.seconds for term in survival.failing)
        told = given.as_output()[survival.failure]["errorWindowSources"]
        assert [int(source.split()[0]) for source in told] == [term.seconds for term in survival.failing]
        assert all(re.fullmatch(r"\d+ s \S.* \(\S.*\)", source) for source in told)


def test_with_local_the_load_balancer_alone_decides_how_long_a_lost_node_is_sent_requests() -> None:
    sources = {
        failure: [source.rpartition("(")[2] for source in row["errorWindowSources"]] for failure, row in rows().items()
    }
    assert sources["node"] == sources["zone"] == ["loadBalancer.healthCheckSeconds)", "fixed)"]
    assert sources["pod"] == ["fixed: kubelet, EndpointSlice, kube-proxy)", "loadBalancer.healthCheckSeconds)"]
    others = {
        failure: [source.rpartition("(")[2] for source in row["errorWindowSources"]]
        for failure, row in rows(**CLUSTER).items()
    }
    assert others["node"] == [
        "Kubernetes' node-monitor-grace-period since 1.32)",
        "twice its node-monitor-period)",
        "fixed: EndpointSlice, kube-proxy)",
    ]
    assert others["pod"] == ["fixed: kubelet, EndpointSlice, kube-proxy)"]


def test_the_policy_changes_nothing_but_how_long_requests_fail() -> None:
    local, cluster = rows(), rows(**CLUSTER)
    for failure, row in local.items():
        assert {key: row[key] for key in KEYS if "Fail" not in key} == {
            key: cluster[failure][key] for key in KEYS if "Fail" not in key
        }


@pytest.mark.parametrize("settings", [{"replicas": 1}, {"disruptionBudget": {"maxUnavailable": 9}}, {}])
@pytest.mark.parametrize("cluster", [UNKNOWN, THREE, ClusterFacts(nodes=1)], ids=["unknown", "three", "one"])
def test_what_is_not_survived_has_no_time_in_which_only_some_fail(
    cluster: ClusterFacts, settings: dict[str, Any]
) -> None:
    for row in rows(cluster, **settings).values():
        if not row["survived"]:
            assert (row["errorWindowSeconds"], row["errorWindowSources"]) == (0, [])
