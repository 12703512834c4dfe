"""How long each failure takes to recover from, and the source of each second."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, timing
from tests.support.fake_engine import backend
from tests.support.promises import SLOW_START, THREE, ZONES, rows, zones


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"replicas": 1},
        {"replicas": 7, "disruptionBudget": {"maxUnavailable": 2}},
        SLOW_START,
        {"placement": {"tolerationSeconds": 0}},
        {"rollout": {"minReadySeconds": 60, "progressDeadlineSeconds": 500}},
    ],
)
@pytest.mark.parametrize(
    "cluster", [UNKNOWN, THREE, zones(2), ClusterFacts(nodes=9)], ids=["unknown", "three", "two", "nine"]
)
def test_the_sources_of_a_time_add_up_to_it(cluster: ClusterFacts, settings: dict[str, Any]) -> None:
    for row in rows(cluster, **settings).values():
        parts = [re.fullmatch(r"(\d+) s (\S.*) \((\S.*)\)", source) for source in row["sources"]]
        assert all(parts)
        assert sum(int(part[1]) for part in parts if part) == row["recoverySeconds"]
        assert bool(parts) is row["survived"], "what is not survived has no time"


def test_each_second_names_its_source() -> None:
    start = ["60 s to start, at most (health.startupSeconds)", "5 s to stay ready (rollout.minReadySeconds)"]
    sources = {failure: row["sources"] for failure, row in rows().items()}
    assert sources["pod"] == sources["drain"] == start
    assert sources["node"] == sources["zone"]
    assert [source.rpartition("(")[2] for source in sources["node"]] == [
        "Kubernetes' node-monitor-grace-period since 1.32)",
        "twice Kubernetes' node-monitor-period)",
        "placement.tolerationSeconds)",
        "health.startupSeconds)",
        "rollout.minReadySeconds)",
    ]
    assert [source.split()[0] for source in sources["node"]] == ["50", "10", "30", "60", "5"]
    assert [source.split()[0] for source in sources["rollout"]] == ["180", "15"]
    assert all("3 times" in source for source in sources["rollout"])
    assert [source.split()[0] for source in sources["release"]] == [str(4 * 65), "300", "10", "50"]


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
def test_the_nodes_of_a_lost_zone_are_evicted_one_after_the_other(cluster: ClusterFacts, more: int) -> None:
    result = rows(cluster)
    assert result["zone"]["recoverySeconds"] == result["node"]["recoverySeconds"] + more
    assert bool(more) is any("node-eviction-rate" in source for source in result["zone"]["sources"])


def test_every_setting_that_a_source_names_exists() -> None:
    settings = backend().model_dump(by_alias=True)
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
    assert all(name.split(".")[1] in settings[name.split(".")[0]] for name in names)


@pytest.mark.parametrize("settings", [{}, SLOW_START, {"autoscaling": {"enabled": False}}, {"replicas": 9}])
def test_a_failed_release_is_reported_after_the_engine_gives_up_on_the_deployment(settings: dict[str, Any]) -> None:
    recovery = rows(**settings)["release"]["recoverySeconds"]
    assert recovery == timing.rollout_timeout(backend(**settings)) + timing.DIAGNOSIS
