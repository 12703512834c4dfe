"""How a cluster of Cluster API is made and deleted, as the engine is asked for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components import Cluster
from components.inspection.client import InspectionError
from components.preflight.management import RENDERED
from components.settings import BackendSettings, ClusterApiCluster, ExistingCluster, Settings
from components.settings.placements import ClusterPlacement
from ops.cli import stalled_deletion as after
from tests.support.cluster_api import MANAGEMENT, cluster
from tests.support.fake_engine import Monitor

WORKLOAD = "cluster.x-k8s.io/v1beta2:Cluster"


def made(monitor: Monitor, **different: Any) -> Monitor:
    monitor.run(lambda: Cluster("cluster", cluster(**different), managed=RENDERED))
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
            Cluster(one.name, one, managed=RENDERED)

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


def said(monkeypatch: pytest.MonkeyPatch, found: list[str] | Exception) -> list[str]:
    def lingering(*_: Any) -> list[str]:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(after.existing, "access", lambda _: "a kubeconfig")
    monkeypatch.setattr(after, "Client", lambda *_: None)
    monkeypatch.setattr(after.workload, "lingering", lingering)
    return list(after.remaining(Settings.model_construct(cluster=cluster(), backend=None)))


def test_a_deletion_that_failed_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, ["Machine shop-1: Deleting is True (DrainingNode)"]) == [
        "The cluster shop in namespace default of the management cluster is not gone:",
        "  Machine shop-1: Deleting is True (DrainingNode)",
        "Once nothing of it waits any more, run this again.",
    ]
    assert said(monkeypatch, []) == []
    assert said(monkeypatch, InspectionError("it is down")) == [
        "Whether the cluster shop is gone cannot be said: it is down"
    ]


def test_of_other_clusters_nothing_is_said(tmp_path: Path) -> None:
    nowhere = cluster(management={"kubeconfig": str(tmp_path / "none"), "context": "prod"})
    lost = Settings.model_construct(cluster=nowhere, backend=None)
    assert isinstance(lost.cluster, ClusterApiCluster)
    (line,) = after.remaining(lost)
    assert "cannot be said" in line
    assert str(tmp_path / "none") in line
    existing = Settings.model_construct(cluster=ExistingCluster(kind="existing", **MANAGEMENT), backend=None)
    assert list(after.remaining(existing)) == []


def test_of_several_clusters_each_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    placements = [ClusterPlacement.model_construct(name=name, cluster=cluster(name=name)) for name in ("east", "west")]
    several = Settings.model_construct(placements=placements, backend=BackendSettings(image="shop/web:1"))
    monkeypatch.setattr(after.existing, "access", lambda _: "a kubeconfig")
    monkeypatch.setattr(after, "Client", lambda *_: None)
    monkeypatch.setattr(after.workload, "lingering", lambda _, name, space: ["why"] if name == "west" else [])
    assert list(after.remaining(several)) == [
        "The cluster west in namespace default of the management cluster is not gone:",
        "  why",
        "Once nothing of it waits any more, run this again.",
    ]
