"""The targets of drills: what each supports, and that cordoned nodes are uncordoned again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lab.drills import drill as needs
from lab.drills import run
from lab.drills.drill import DrillContext
from lab.drills.experiments import DRILLS
from lab.drills.kube import DrillError
from lab.drills.target import UnableError
from lab.testbed.context import supported_drills
from tests.support.fake_target import FakeKube, FakeTarget, backend

NEEDS = {
    getattr(needs, name)
    for name in (
        "TRAFFIC",
        "REDEPLOY",
        "ENGINE",
        "NODES",
        "POWER",
        "NETWORK",
        "SITE_LINK",
        "CONTAINERS",
        "CONTROL_PLANE",
        "CLUSTERS",
        "PROXY",
    )
}


def test_every_need_is_known_and_a_target_without_it_has_a_reason() -> None:
    assert {need for drill in DRILLS.values() for need in drill.needs} == NEEDS
    drills, unsupported = supported_drills(
        FakeTarget(traffic="no response", power="not allowed"), {"rollout": "an outage"}
    )
    assert {drill.name for drill in drills} | set(unsupported) == set(DRILLS)
    assert unsupported == {
        "spike": "no response",
        "attempts": "no response",
        "hang": "no response",
        "node-loss": "not allowed",
        "zone-loss": "not allowed",
        "cluster-loss": "no response",
        "rollout": "an outage",
    }
    assert supported_drills(FakeTarget())[0] == tuple(DRILLS.values())


@pytest.mark.parametrize(
    "act",
    [
        lambda target: target.lose(["n1"]),
        lambda target: target.cut(["n1"]),
        lambda target: target.restore(["n1"]),
        lambda target: target.cut_link(),
        lambda target: target.restore_link(),
        lambda target: target.await_site(),
        lambda target: target.kill_control_plane(),
        lambda target: target.start_control_plane(),
        lambda target: target.signal_container("abc", 9),
        lambda target: target.cut_off(),
        lambda target: target.reconnect(),
        lambda target: target.cut_cluster(backend()),
        lambda target: target.restore_clusters(),
        lambda target: target.traffic(backend()),
    ],
)
def test_a_target_rejects_unsupported_faults(act: Any) -> None:
    with pytest.raises(UnableError):
        act(FakeTarget())


def test_nodes_that_were_cordoned_before_stay_cordoned() -> None:
    target = FakeTarget()
    target.close_nodes(["n1", "n3"])
    assert target.kube.unschedulable == {"n1": True, "n2": False, "n3": True}
    target.open_nodes()
    assert target.kube.unschedulable == {"n1": False, "n2": False, "n3": True}
    assert target.closed == []


def test_a_node_that_cannot_be_uncordoned_is_named_and_keeps_no_other_cordoned() -> None:
    target = FakeTarget()
    target.close_nodes(["n1", "n2"])
    target.kube.fails_for = "n1"
    with pytest.raises(DrillError, match="kubectl uncordon n1"):
        target.open_nodes()
    assert target.kube.unschedulable["n2"] is False and target.closed == ["n1"]
    target.kube.fails_for = ""
    target.open_nodes()
    assert not target.closed


@pytest.mark.parametrize("name", ["drain", "zone-drain"])
def test_nodes_are_uncordoned_after_an_interruption(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = FakeTarget()
    monkeypatch.setattr(DrillContext, "nodes_in_same_zone", lambda self, node: [node, "n2"])
    closed: list[str] = []

    def evict(*_: Any) -> None:
        closed.extend(target.closed)
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeKube, "evict", evict)
    with pytest.raises(KeyboardInterrupt):
        run.run(replace(DRILLS[name], steady_seconds=0.1), [backend()], target, None, print)
    assert closed == (["n1"] if name == "drain" else ["n1", "n2"])
    assert target.kube.unschedulable == {"n1": False, "n2": False, "n3": True}
