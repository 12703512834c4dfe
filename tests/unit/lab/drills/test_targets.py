"""The targets of drills: what each can do, that endpoints alone can be judged, and that closed nodes are opened again."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from lab.drills import drill as needs
from lab.drills import run
from lab.drills.backend import DesiredState
from lab.drills.drill import Drill, DrillContext, no_step, planned, planned_eviction
from lab.drills.experiments import DRILLS
from lab.drills.kube import DrillError
from lab.drills.measure import measure
from lab.drills.model import Moment
from lab.drills.pods import Pod, read
from lab.drills.recording_json import as_json, from_json
from lab.drills.session import Session, Subject
from lab.drills.steady import crowded
from lab.drills.target import Target, UnableError
from lab.drills.vegeta import LoadError
from lab.drills.verdict import Limits, judge
from lab.testbed.context import supported_drills
from tests.support.recordings import FULL, recording, samples

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


def pod(name: str, node: str = "n1", **more: Any) -> Pod:
    return Pod(
        **{
            "name": name,
            "namespace": "web",
            "uid": name,
            "node": node,
            "phase": "Running",
            "ready": True,
            "terminating": False,
            "created": "",
            "container": "",
            **more,
        }
    )


class Kube:
    """Three nodes, one of which was closed by somebody else; three pods, whose endpoints are as ``endpoints`` says."""

    def __init__(self) -> None:
        self.unschedulable = {"n1": False, "n2": False, "n3": True}
        self.endpoints = dict(FULL)
        self.evicted: list[str] = []
        self.client = self
        self.refuses = ""

    def nodes(self) -> list[Any]:
        return [
            SimpleNamespace(metadata=SimpleNamespace(name=name, labels={}), spec=SimpleNamespace(unschedulable=closed))
            for name, closed in self.unschedulable.items()
        ]

    def zone(self, node: str) -> str:
        return "a"

    def ready_nodes(self) -> list[str]:
        return [name for name, closed in self.unschedulable.items() if not closed]

    def cordon(self, node: str, closed: bool = True) -> None:
        if node == self.refuses and not closed:
            raise OSError("no route to host")
        self.unschedulable[node] = closed

    def evict(self, nodes: list[str], selections: list[tuple[str, str]], seconds: float) -> None:
        raise KeyboardInterrupt

    def ready_pods(self, namespace: str, selector: str = "") -> list[Pod]:
        return [pod(str(number)) for number in range(3)]

    def deployment(self, namespace: str, name: str) -> Any:
        return SimpleNamespace(
            metadata=SimpleNamespace(generation=1),
            spec=SimpleNamespace(replicas=3),
            status=SimpleNamespace(observed_generation=1, replicas=3, updated_replicas=3, available_replicas=3),
        )

    def wait_until(self, condition: Any, seconds: float, what: str, every: float = 0.5) -> None:
        try:
            assert condition()
        except OSError as error:
            raise DrillError(f"{what} ({error})") from None

    def look(self, path: str) -> dict[str, Any]:
        return {
            "items": [
                {
                    "endpoints": [
                        {"zone": zone, "addresses": [zone], "targetRef": {"uid": f"{zone}{number}"}}
                        for zone, count in self.endpoints.items()
                        for number in range(count)
                    ]
                }
            ]
        }


class Here(Target):
    owned = False
    sample_seconds = 0.05

    def __init__(self, **unsupported: str) -> None:
        self.kube = Kube()  # type: ignore[assignment]
        self.unsupported, self.closed = unsupported, []


def backend(**more: Any) -> Any:
    return SimpleNamespace(
        **{
            "name": "web",
            "under_test": True,
            "namespace": "web",
            "selector": "app=web",
            "deployment": "web",
            "service": "web",
            "connections": (),
            "rate": 0,
            "desired": DesiredState("web:1"),
            "full": 3,
            "max_unavailable": 1,
            "default_replicas": 3,
            "max_replicas": 3,
            **more,
        }
    )


def test_what_a_drill_needs_is_known_and_a_ground_without_it_says_why() -> None:
    assert {need for drill in DRILLS.values() for need in drill.needs} == NEEDS
    drills, unsupported = supported_drills(Here(traffic="nobody answers", power="not ours to lose"), {"rollout": "an outage"})
    assert {drill.name for drill in drills} | set(unsupported) == set(DRILLS)
    assert unsupported == {
        "spike": "nobody answers",
        "attempts": "nobody answers",
        "hang": "nobody answers",
        "node-loss": "not ours to lose",
        "zone-loss": "not ours to lose",
        "cluster-loss": "nobody answers",
        "rollout": "an outage",
    }
    assert supported_drills(Here())[0] == tuple(DRILLS.values())


@pytest.mark.parametrize(
    "asked",
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
def test_a_ground_refuses_what_it_has_no_power_to_do(asked: Any) -> None:
    with pytest.raises(UnableError):
        asked(Here())


def test_nodes_that_were_closed_before_stay_closed() -> None:
    target = Here()
    target.close_nodes(["n1", "n3"])
    assert target.kube.unschedulable == {"n1": True, "n2": False, "n3": True}  # type: ignore[attr-defined]
    target.open_nodes()
    assert target.kube.unschedulable == {"n1": False, "n2": False, "n3": True}  # type: ignore[attr-defined]
    assert target.closed == []


def test_one_node_that_cannot_be_opened_is_named_and_keeps_no_other_closed() -> None:
    target = Here()
    target.close_nodes(["n1", "n2"])
    target.kube.refuses = "n1"  # type: ignore[attr-defined]
    with pytest.raises(DrillError, match="kubectl uncordon n1"):
        target.open_nodes()
    assert target.kube.unschedulable["n2"] is False and target.closed == ["n1"]  # type: ignore[attr-defined]
    target.kube.refuses = ""  # type: ignore[attr-defined]
    target.open_nodes()
    assert not target.closed


@pytest.mark.parametrize("name", ["drain", "zone-drain"])
def test_nodes_are_opened_again_after_an_interruption(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Here()
    monkeypatch.setattr(DrillContext, "nodes_in_same_zone", lambda self, node: [node, "n2"])
    closed: list[str] = []
    monkeypatch.setattr(
        Kube,
        "evict",
        lambda self, nodes, *more: (closed.extend(target.closed), (_ for _ in ()).throw(KeyboardInterrupt))[0],
    )
    with pytest.raises(KeyboardInterrupt):
        run.run(replace(DRILLS[name], steady_seconds=0.1), [backend()], target, None, print)
    assert closed == (["n1"] if name == "drain" else ["n1", "n2"])
    assert target.kube.unschedulable == {"n1": False, "n2": False, "n3": True}  # type: ignore[attr-defined]


def drilled(target: Here, act: Any, limits: Any = planned, **more: Any) -> run.Result:
    (result,) = run.run(
        Drill("x", "x happens", act, limits, "it holds", seconds=0, steady_seconds=0.3, recovery_timeout=1),
        [backend(**more)],
        target,
        None,
        print,
    )
    return result


def test_endpoints_alone_are_judged_where_no_load_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.3)
    kept = drilled(Here(), no_step)
    assert kept.verdict and (kept.verdict.status, kept.verdict.doubts) == ("kept", ())
    assert kept.limits == Limits(least_ready=3) and kept.recording.streams == () and not kept.recording.loaded
    assert from_json(as_json(kept.recording)) == kept.recording

    target = Here()
    broken = drilled(target, lambda context: target.kube.endpoints.update(b=0))  # type: ignore[attr-defined]
    assert broken.verdict and broken.verdict.violations == ("only 2 ready endpoints (promised: at least 3)",)


def test_where_nothing_is_promised_of_endpoints_nothing_is_proved_without_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.1)
    result = drilled(Here(), no_step, planned_eviction, max_unavailable=3)  # no budget: a drain may take them all
    assert result.verdict and result.verdict.doubts == ("only endpoints were sampled, and the promise has no limit on them",)


def test_to_forget_the_load_is_still_a_doubt() -> None:
    assert judge(measure(recording(streams=(), loaded=True)), Limits(least_ready=3)).doubts == ("no load was sent",)
    with pytest.raises(LoadError, match="vegeta"):
        Session("x", [Subject("web", "http://127.0.0.1/", dict, 3)], None)


def test_a_sample_is_believed_for_as_long_as_it_was_meant_to_hold() -> None:
    once_a_second = tuple(one for one in samples() if one.at == int(one.at))
    seldom = recording(samples=once_a_second, moments=(Moment(5.0, "x"),))
    assert measure(replace(seldom, every=1.0)).endpoints.unknown_seconds == 0
    holes = tuple(one for one in once_a_second if not 6 < one.at < 12)
    assert measure(replace(seldom, every=1.0, samples=holes)).endpoints.unknown_seconds == 6
    assert measure(replace(seldom, every=0.2)).endpoints.unknown_seconds == 15


@pytest.mark.parametrize(
    ("counts", "moved"),
    [
        ((1, 1, 1), {}),
        ((2, 2, 1), {}),
        ((2, 1, 0), {"a": 1}),
        ((2, 2, 0), {"a": 1}),
        ((0, 450, 450), {"b": 150, "c": 150}),
        ((), {}),
    ],
)
def test_pods_that_a_drill_has_left_crowded_are_moved(counts: tuple[int, ...], moved: dict[str, int]) -> None:
    zones = {
        zone: [pod(f"{zone}{number}") for number in range(count)]
        for zone, count in zip("abc"[: len(counts)], counts, strict=True)
    }
    found = crowded(zones)
    assert {zone: sum(one.name.startswith(zone) for one in found) for zone in {one.name[0] for one in found}} == moved
    assert len(set(found)) == len(found)


def test_a_pod_is_read_from_the_apis_answer() -> None:
    meta = {"name": "web-1", "namespace": "web", "uid": "u1", "creationTimestamp": "2026-08-19T10:00:00Z"}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"containerID": "containerd://abc"}],
    }
    found = read({"metadata": meta, "spec": {"nodeName": "n1"}, "status": status})
    assert found == pod("web-1", uid="u1", created="2026-08-19T10:00:00Z", container="containerd://abc") and found.alive
    going = read({"metadata": {**meta, "deletionTimestamp": "2026-08-19T10:01:00Z"}, "spec": {}, "status": status})
    assert going.terminating and not going.alive and going.node == ""
    assert not read({"metadata": meta, "spec": {}}).alive


def test_the_container_that_serves_is_the_one_that_the_pod_names_first() -> None:
    """The kubelet tells of them in the order of their names."""
    status = {
        "containerStatuses": [
            {"name": "agent", "containerID": "containerd://a"},
            {"name": "web", "containerID": "containerd://w"},
        ]
    }
    meta = {"name": "web-1", "namespace": "web", "uid": "u1"}
    found = read({"metadata": meta, "spec": {"containers": [{"name": "web"}, {"name": "agent"}]}, "status": status})
    assert found.container == "containerd://w"
