"""The seconds that objects share, and what is promised of them."""

from __future__ import annotations

from typing import Any

import pytest

from availability import promise, timing
from tests.unit.recording import backend


def survivals(zones: int, nodes: int = 0, **settings: Any) -> dict[str, Any]:
    return promise(backend(**settings), zones, nodes).as_output()


@pytest.mark.parametrize(("sleep", "drain"), [(10, 20), (0, 0), (120, 300)])
def test_the_grace_period_holds_the_sleep_and_the_drain(sleep: int, drain: int) -> None:
    given = backend(shutdown={"deregistrationSeconds": sleep, "drainSeconds": drain})
    assert timing.grace_period(given) == sleep + drain + 5
    assert timing.deletion_timeout(given) == sleep + drain + 65


@pytest.mark.parametrize(("replicas", "extra"), [(1, 1), (3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (100, 25)])
def test_surge(replicas: int, extra: int) -> None:
    assert timing.surge(replicas) == extra


def test_the_rollout_timeout_of_the_reference_workload() -> None:
    # 10 pods at the most: 4 waves of 3, each 60 s to start and 5 s to stay ready; 300 s deadline; a minute to report.
    assert timing.rollout_timeout(backend()) == 4 * 65 + 300 + 60
    assert timing.rollout_timeout(backend(autoscaling={"enabled": False})) == 3 * 65 + 300 + 60


@pytest.mark.parametrize("settings", [
    {}, {"replicas": 1}, {"replicas": 100, "autoscaling": {"maxReplicas": 1000}}, {"autoscaling": {"enabled": False}},
    {"rollout": {"deadlineSeconds": 3600}}, {"health": {"startupSeconds": 1800}, "rollout": {"deadlineSeconds": 3600}},
])
def test_kubernetes_judges_a_rollout_before_the_engine_gives_up(settings: dict[str, Any]) -> None:
    given = backend(**settings)
    assert timing.rollout_timeout(given) > given.rollout.deadline_seconds + given.health.startup_seconds
    assert timing.deletion_timeout(given) > timing.grace_period(given)


def test_node_loss() -> None:
    assert timing.node_loss_recovery(backend()) == 50 + 30 + 60 + 5


def test_every_failure_is_answered() -> None:
    rows = survivals(3)
    assert list(rows) == ["pod", "rollout", "drain", "node", "zone"]
    assert all(set(row) == {"survived", "recoverySeconds", "capacityLeftPercent", "why"} for row in rows.values())
    assert all(row["why"] for row in rows.values())


def test_one_replica_survives_only_a_rollout() -> None:
    rows = survivals(3, replicas=1)
    assert [failure for failure, row in rows.items() if row["survived"]] == ["rollout"]
    for failure in ("pod", "drain", "node", "zone"):
        assert rows[failure]["capacityLeftPercent"] == 0
        assert "at least 2 replicas" in rows[failure]["why"]


def test_three_replicas_over_three_zones_survive_everything() -> None:
    rows = survivals(3)
    assert all(row["survived"] for row in rows.values())
    assert {failure: row["capacityLeftPercent"] for failure, row in rows.items()} == {
        "pod": 66, "rollout": 100, "drain": 66, "node": 66, "zone": 66}
    assert {failure: row["recoverySeconds"] for failure, row in rows.items()} == {
        "pod": 65, "rollout": 3 * 65, "drain": 65, "node": 145, "zone": 145}
    assert "3 zones" in rows["zone"]["why"]


@pytest.mark.parametrize(("zones", "why"), [(0, "no zones are known"), (1, "one zone")])
def test_without_a_second_zone_a_zone_is_not_survived(zones: int, why: str) -> None:
    rows = survivals(zones)
    assert rows["zone"]["survived"] is False
    assert rows["zone"]["capacityLeftPercent"] == 0
    assert why in rows["zone"]["why"]
    assert rows["pod"]["survived"] is rows["drain"]["survived"] is True


@pytest.mark.parametrize(("zones", "nodes", "survived", "left"), [
    (0, 0, False, 0), (1, 1, False, 0), (1, 2, True, 33), (0, 2, True, 33), (1, 3, True, 66), (1, 50, True, 66),
    (2, 0, True, 33)])
def test_a_node_is_survived_where_there_is_another(zones: int, nodes: int, survived: bool, left: int) -> None:
    row = survivals(zones, nodes)["node"]
    assert (row["survived"], row["capacityLeftPercent"]) == (survived, left)


def test_why_a_node_is_not_survived() -> None:
    assert "one node" in survivals(1, 1)["node"]["why"]
    assert "no nodes are known" in survivals(0, 0)["node"]["why"]
    assert "one node" not in survivals(1, 0)["node"]["why"], "one zone is known, its nodes are not"


@pytest.mark.parametrize(("replicas", "zones", "left"), [
    (6, 3, 66), (3, 3, 66), (4, 3, 50), (5, 3, 60), (2, 3, 50), (2, 2, 50), (6, 2, 50), (3, 5, 66), (10, 3, 60)])
def test_capacity_left_without_the_fullest_zone(replicas: int, zones: int, left: int) -> None:
    row = survivals(zones, replicas=replicas)["zone"]
    assert row["survived"] is True
    assert row["capacityLeftPercent"] == left


def test_more_pods_lose_less_with_one() -> None:
    rows = survivals(3, replicas=6)
    assert rows["pod"]["capacityLeftPercent"] == rows["drain"]["capacityLeftPercent"] == 83
    assert rows["rollout"]["recoverySeconds"] == 3 * 65  # 6 pods, 2 at a time


def test_the_output_is_plain_data() -> None:
    for row in survivals(3).values():
        assert [type(value) for value in row.values()] == [bool, int, int, str]
