"""Check how a cluster of Cluster API is registered, and what its deletion waits for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components import Cluster
from components.clusters import management
from components.inspection import cluster_api_wait
from components.inspection.client import InspectionError
from components.settings import ExistingCluster
from tests.support.cluster_api import MANAGEMENT, cluster
from tests.support.fake_engine import Monitor

WORKLOAD = "cluster.x-k8s.io/v1beta2:Cluster"


def made(monitor: Monitor, **different: Any) -> Monitor:
    settings = cluster(**different)
    monitor.run(lambda: Cluster("cluster", settings, found=settings.rendered()))
    return monitor


def test_it_is_deleted_in_cluster_apis_own_order_and_not_all_at_once(monitor: Monitor) -> None:
    meta = made(monitor).inputs(WORKLOAD)["metadata"]
    assert meta["annotations"] == {"pulumi.com/deletionPropagationPolicy": "background"}


@pytest.mark.parametrize(("minutes", "gone"), [(1, "45m"), (90, "90m")])
def test_even_one_that_was_to_be_ready_at_once_has_time_to_go(monitor: Monitor, minutes: int, gone: str) -> None:
    timeouts = made(monitor, readyMinutes=minutes).one(WORKLOAD).customTimeouts
    assert (timeouts.create, timeouts.update, timeouts.delete) == (f"{minutes}m", f"{minutes}m", gone)


def test_clusters_of_one_management_cluster_share_the_way_to_it(monitor: Monitor) -> None:
    """Each provider is a process of the engine's, and tens of clusters come in one program."""
    elsewhere = cluster(name="c", management={"kubeconfig": "~/.kube/other", "context": "management"})

    def program() -> None:
        for one in (cluster(name="a"), cluster(name="b"), elsewhere):
            Cluster(one.name, one, found=one.rendered())

    monitor.run(program)
    ways = {each.name: each.provider for each in monitor.all(WORKLOAD)}
    assert ways["a-workload"] == ways["b-workload"] != ways["c-workload"]
    found = sorted(each.name for each in monitor.all("kubernetes"))
    assert [name.partition("-")[2] for name in found] == [
        "management",
        "management",
        "provider",
        "provider",
        "provider",
    ], found


def lines(monkeypatch: pytest.MonkeyPatch, answer: list[str] | Exception, **different: Any) -> list[str]:
    def blockers(*_: Any) -> list[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(management, "reduced_file", lambda *_: "a kubeconfig")
    monkeypatch.setattr(management, "Client", lambda *_: None)
    monkeypatch.setattr(cluster_api_wait, "deletion_blockers", blockers)
    return list(cluster(**different).remaining())


def test_a_deletion_that_failed_lists_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, ["Machine shop-1: Deleting is True (DrainingNode)"]) == [
        "The cluster shop in namespace default of the management cluster still exists:",
        "  Machine shop-1: Deleting is True (DrainingNode)",
        "Run this again once it waits for nothing.",
    ]
    assert lines(monkeypatch, []) == []
    assert lines(monkeypatch, InspectionError("it is down")) == [
        "Whether the cluster shop is deleted is unknown: it is down"
    ]
    assert lines(monkeypatch, ["why"], name="west")[0].startswith("The cluster west in namespace default")


def test_a_management_cluster_that_cannot_be_reached_is_reported(tmp_path: Path) -> None:
    (line,) = cluster(management={"kubeconfig": str(tmp_path / "none"), "context": "prod"}).remaining()
    assert line.startswith("Whether the cluster shop is deleted is unknown")
    assert str(tmp_path / "none") in line


def test_other_kinds_wait_for_nothing() -> None:
    assert list(ExistingCluster.model_validate({"kind": "existing", **MANAGEMENT}).remaining()) == []
