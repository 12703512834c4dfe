"""What each failure's row promises: whether it is survived, how much capacity is left, and why."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, conflicts, promise
from components.availability.promise import NEEDS_TWO
from tests.support.fake_engine import backend
from tests.support.pod_templates import own
from tests.support.promises import THREE, ZONES, rows, zones

KEYS = {
    "survived",
    "recoverySeconds",
    "errorWindowSeconds",
    "capacityLeftPercent",
    "why",
    "sources",
    "errorWindowSources",
}


def test_every_failure_has_a_row() -> None:
    result = rows()
    assert list(result) == ["pod", "hang", "node", "zone", "drain", "rollout", "release"]
    assert all(set(row) == KEYS for row in result.values())
    assert all(row["why"] for row in result.values())


@pytest.mark.parametrize("goal", ["pod", "node", "zone"])
def test_the_goal_is_what_the_settings_demand(goal: str) -> None:
    assert promise(backend(survive=goal), THREE).goal == goal


def test_three_replicas_in_three_zones_survive_everything() -> None:
    result = rows()
    assert all(row["survived"] for row in result.values())
    assert {failure: row["capacityLeftPercent"] for failure, row in result.items()} == {
        "pod": 66,
        "hang": 66,
        "node": 66,
        "zone": 66,
        "drain": 66,
        "rollout": 100,
        "release": 100,
    }
    assert {failure: row["recoverySeconds"] for failure, row in result.items()} == {
        "pod": 65,
        "hang": 32 + 60 + 65,
        "node": 155,
        "zone": 155,
        "drain": 65,
        "rollout": 3 * 65,
        "release": 4 * 65 + 360,
    }


def test_one_replica_survives_only_rollouts_and_failed_releases() -> None:
    result = rows(replicas=1)
    assert [failure for failure, row in result.items() if row["survived"]] == ["rollout", "release"]
    for failure in ("pod", "hang", "node", "zone", "drain"):
        assert (result[failure]["capacityLeftPercent"], result[failure]["recoverySeconds"]) == (0, 0)
        assert result[failure]["why"] == NEEDS_TWO


def test_each_row_explains_why_the_failure_is_survived() -> None:
    why = {failure: row["why"] for failure, row in rows().items()}
    assert why["pod"] == "the other pods serve while it is replaced"
    assert why["hang"] == "a pod that does not respond is removed from the endpoints, then restarted"
    assert why["node"] == "pods are spread over 3 nodes, evenly if capacity allows, and replaced on another node"
    assert why["zone"] == "pods are spread over 3 zones, evenly if capacity allows, and replaced in another zone"
    assert why["drain"] == "the disruption budget allows 1 pod to be evicted at a time"
    assert why["rollout"] == "new pods are ready before old ones terminate"
    assert why["release"] == "old pods keep serving while `pulumi up` fails and names the cause"


def test_a_hard_spread_is_promised_without_a_caveat() -> None:
    result = rows(placement={"spread": "hard"})
    assert result["node"]["why"] == "pods are spread over 3 nodes, and replaced on another node"
    assert result["zone"]["why"] == "pods are spread over 3 zones, and replaced in another zone"


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (UNKNOWN, "the zones are unknown: set cluster.zones"),
        (ClusterFacts(nodes=3), "no node has a zone label"),
        (zones(1), "the cluster has only one zone"),
        (ClusterFacts(ZONES[:1], 9), "the cluster has only one zone"),
    ],
)
def test_a_zone_loss_is_not_survived_without_a_second_zone(cluster: ClusterFacts, why: str) -> None:
    result = rows(cluster)
    assert (result["zone"]["survived"], result["zone"]["capacityLeftPercent"], result["zone"]["why"]) == (False, 0, why)
    assert result["pod"]["survived"] is result["drain"]["survived"] is True


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
def test_a_node_loss_is_survived_with_a_second_node(cluster: ClusterFacts, survived: bool, left: int) -> None:
    row = rows(cluster)["node"]
    assert (row["survived"], row["capacityLeftPercent"]) == (survived, left)


def test_the_row_explains_why_a_node_loss_is_not_survived() -> None:
    assert rows(ClusterFacts(nodes=1))["node"]["why"] == "the cluster has only one node"
    assert rows(UNKNOWN)["node"]["why"] == "the nodes are unknown: set cluster.zones"
    assert "one node" not in rows(zones(1))["node"]["why"], "one zone is known, its nodes are not"


@pytest.mark.parametrize(
    ("replicas", "count", "left"),
    [(6, 3, 66), (3, 3, 66), (4, 3, 50), (5, 3, 60), (2, 3, 50), (2, 2, 50), (6, 2, 50), (3, 5, 66), (10, 3, 60)],
)
def test_a_zone_loss_takes_the_fullest_zone(replicas: int, count: int, left: int) -> None:
    row = rows(zones(count), replicas=replicas)["zone"]
    assert (row["survived"], row["capacityLeftPercent"]) == (True, left)


def test_more_pods_lose_less_capacity_with_one() -> None:
    result = rows(replicas=6)
    assert result["pod"]["capacityLeftPercent"] == result["drain"]["capacityLeftPercent"] == 83
    assert result["rollout"]["recoverySeconds"] == 3 * 65  # 6 pods, 2 at a time


@pytest.mark.parametrize("failure", ["drain", "rollout"])
def test_a_hook_of_the_backend_is_a_condition(failure: str) -> None:
    hook = own(lifecycle={"preStop": {"exec": {"command": ["/wait-shutdown"]}}})
    why = rows(**hook, shutdown={"deregistrationSeconds": 40})[failure]["why"]
    assert why.endswith(", if the preStop hook of the pod template serves on for 40 s")
    assert "hook" not in rows()[failure]["why"]


@pytest.mark.parametrize(("budget", "left"), [(1, 83), (2, 66), (4, 33)])
def test_a_drain_leaves_what_the_disruption_budget_protects(budget: int, left: int) -> None:
    row = rows(replicas=6, disruptionBudget={"maxUnavailable": budget})["drain"]
    assert (row["survived"], row["capacityLeftPercent"]) == (True, left)
    plural = "s" if budget > 1 else ""
    assert row["why"] == f"the disruption budget allows {budget} pod{plural} to be evicted at a time"


@pytest.mark.parametrize("budget", [3, 4, 1000])
def test_a_drain_that_may_evict_every_pod_is_not_survived(budget: int) -> None:
    assert rows(disruptionBudget={"maxUnavailable": budget})["drain"]["survived"] is False


@pytest.mark.parametrize("survive", ["pod", "node", "zone"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_demanded_and_not_rejected_is_promised(survive: str, count: int) -> None:
    cluster = ClusterFacts(ZONES[:count], count)
    settings = backend(survive=survive, autoscaling={"cpuPercent": 30})
    assert promise(settings, cluster).as_output()[survive]["survived"] is (conflicts(settings, cluster) == [])


def test_the_output_is_plain_data() -> None:
    for row in rows().values():
        assert [type(value) for value in row.values()] == [bool, int, int, int, str, list, list]


@pytest.mark.parametrize("policy", ["Local", "Cluster"])
def test_the_traffic_policy_changes_only_the_error_window(policy: str) -> None:
    local, other = rows(), rows(loadBalancer={"externalTrafficPolicy": policy})
    unaffected = {key for key in KEYS if "errorWindow" not in key}
    for failure, row in local.items():
        assert {key: row[key] for key in unaffected} == {key: other[failure][key] for key in unaffected}


def test_the_compared_inputs_are_the_output_without_its_sources() -> None:
    result: dict[str, Any] = promise(backend(), THREE).as_input()
    outputs = rows()
    assert result == {
        failure: {key: value for key, value in row.items() if not key.lower().endswith("sources")}
        for failure, row in outputs.items()
    }
