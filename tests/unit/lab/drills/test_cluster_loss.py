"""The drill that cuts off a cluster: its faults, its figures over several clusters, and its promise."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components.devcluster.nodes.haproxy import CHECK_SECONDS
from components.inspection.client import InspectionError
from lab.drills import run
from lab.drills.drill import CLUSTERS
from lab.drills.experiments import DRILLS, cluster_loss
from lab.drills.experiments.cluster_loss import difference, takes_its_share
from lab.drills.multi_cluster_endpoints import CombinedEndpoints
from lab.drills.multi_cluster_target import MultiClusterTarget
from lab.drills.target import ClusterTraffic, Target
from lab.drills.verdict import Limits
from lab.testbed import multi_cluster
from lab.testbed.baselines import BASELINES
from lab.testbed.context import partition
from lab.testbed.haproxy_frontend import Frontend, configuration, parse_traffic
from lab.testbed.multi_cluster_backend import MultiClusterBackend, MultiClusterBaseline
from lab.testbed.our_stack import OurStack, existing
from tests.support.fake_target import FakeKube, backend

PROJECT = Path(__file__).parent.parent.parent.parent.parent
FRONTEND = Frontend(
    "web", 8000, {"east": "198.18.1.16:80", "west": "198.18.2.16:80"}, {"east": 40, "west": 60}, "/readyz"
)


class Member(Target):
    """A cluster with three pods of a backend; ``calls`` lists what was done to it."""

    owned = True
    sample_seconds = 0.05

    def __init__(self) -> None:
        self.kube, self.unsupported, self.closed = cast(Any, FakeKube()), {}, []
        self.calls: list[str] = []

    def cut_off(self) -> None:
        self.calls.append("cut off")

    def reconnect(self) -> None:
        self.calls.append("reconnected")

    def start_control_plane(self) -> None:
        self.calls.append("started")


class FakeBalancer:
    """A balancer that sends requests by weight between two queries; its health check may be broken."""

    def __init__(self, members: dict[str, Member], weights: dict[str, int]) -> None:
        self.members, self.weights = members, weights
        self.numbers = {name: [0, 0] for name in members}
        self.others_fail = self.never_back = False

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:1/{name}"

    def traffic(self, name: str) -> dict[str, ClusterTraffic]:
        for one, member in self.members.items():
            lost, was = member.calls[-1:] == ["cut off"], bool(member.calls)
            self.numbers[one][0] += 0 if was and self.never_back else self.weights[one]
            self.numbers[one][1] += self.weights[one] if lost or (self.others_fail and not was) else 0
        return {one: ClusterTraffic(numbers[0], numbers[1], self.weights[one]) for one, numbers in self.numbers.items()}


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(cluster_loss, "pause", lambda seconds: None)
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.1)
    members = {"east": Member(), "west": Member()}
    built = MultiClusterTarget(members, lambda _: None)
    built.balancer = FakeBalancer(members, {"east": 40, "west": 60})
    built.sample_seconds = 0.05
    return built


def drilled(target: Any, **promised: Any) -> run.Result:
    limits = Limits(**{"error_window_seconds": 5, "full_after_restore": True, "least_ready": 3, **promised})
    drill = replace(DRILLS["cluster-loss"], seconds=0, steady_seconds=0.3, recovery_timeout=1)
    (result,) = run.run(
        drill, [backend(full=6, promised=lambda failure: {"cluster": limits}[failure])], target, None, print
    )
    return result


def test_the_cluster_with_most_requests_is_cut_off_and_reconnected(target: Any) -> None:
    result = drilled(target)
    assert result.verdict and result.verdict.violations == ()
    assert target.members["east"].calls == ["reconnected"] * 2
    assert target.members["west"].calls == ["cut off", "reconnected", "reconnected"]
    assert [moment.what for moment in result.recording.moments if moment.kind == "note"] == [
        "cluster west is back",
        "cluster west receives its share again",
    ]


def test_a_failed_request_to_the_other_cluster_breaks_the_promise(target: Any) -> None:
    target.balancer.others_fail = True
    result = drilled(target)
    assert result.verdict and result.verdict.status == "broken"
    assert "cluster east was not lost, but 80 of the 80 requests sent to it failed" in result.verdict.violations[0]


def test_no_requests_after_the_return_breaks_the_promise(target: Any) -> None:
    target.balancer.never_back = True
    result = drilled(target)
    assert result.verdict and result.verdict.violations == (
        "cluster west did not receive its share again within 30 s of its return",
    )


def test_too_few_remaining_pods_break_the_promise(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_loss, "pause", lambda seconds: threading.Event().wait(0.3))
    result = drilled(target, least_ready=4)
    assert result.verdict and result.verdict.violations == ("only 3 ready endpoints (promised: at least 4)",)


def test_the_cluster_is_reconnected_after_an_interruption(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster_loss, "pause", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drilled(target)
    assert target.members["west"].calls == ["cut off", "reconnected"]


def test_a_cluster_takes_its_share_with_most_of_it_and_no_failure() -> None:
    def share(east: int, west: int, failed: int = 0) -> bool:
        return takes_its_share({"east": ClusterTraffic(east, 0, 50), "west": ClusterTraffic(west, failed, 50)}, "west")

    assert share(150, 150) and share(180, 125)
    assert not share(180, 115) and not share(300, 0) and not share(0, 0) and not share(150, 150, failed=1)
    assert difference({"east": ClusterTraffic(10, 1, 50)}, {"east": ClusterTraffic(25, 3, 50)}) == {
        "east": ClusterTraffic(15, 2, 50)
    }


def test_endpoints_are_combined_and_a_cluster_that_is_cut_off_has_none() -> None:
    hanging, gone = threading.Event(), set[str]()
    east: dict[str, int] = {"zone-a": 1, "zone-b": 1}

    def west() -> dict[str, int]:
        if gone:
            hanging.wait(5)
        return {"zone-a": 2}

    ask = CombinedEndpoints({"east": lambda: east, "west": west}, gone)
    assert ask() == {"east, zone-a": 1, "east, zone-b": 1, "west, zone-a": 2}
    gone.add("west")
    assert ask() == ask() == {"east, zone-a": 1, "east, zone-b": 1}
    hanging.set()
    gone.clear()
    assert ask()["west, zone-a"] == 2


def test_a_connected_cluster_without_a_response_is_unknown() -> None:
    now, fails = [0.0], [False]

    def west() -> dict[str, int]:
        if fails[0]:
            raise InspectionError("no answer")
        return {"zone-a": 2}

    ask = CombinedEndpoints({"west": west}, set(), lambda: now[0])
    assert ask() == {"west, zone-a": 2}
    fails[0], now[0] = True, 1.5
    assert ask() == {"west, zone-a": 2}, "it is believed for a moment"
    now[0] = 2.5
    with pytest.raises(InspectionError, match="cluster west does not report"):
        ask()


def test_every_cluster_must_be_steady_before_a_drill(target: Any) -> None:
    parts = target.parts([backend(full=6)])
    assert [(part, [one.full for one in backends], backends[0].name) for part, backends in parts] == [
        (member, [3], "web") for member in target.members.values()
    ]


def test_only_a_frontend_with_a_health_path_has_checks() -> None:
    text = configuration([FRONTEND, replace(FRONTEND, name="baseline", port=8001, health="")], Path("/run/x"))
    checked, baseline = text.split("listen ")[1:]
    assert checked == (
        "web\n  bind 127.0.0.1:8000\n  balance random(1)\n  option httpchk GET /readyz\n"
        "  server east 198.18.1.16:80 weight 40 check\n  server west 198.18.2.16:80 weight 60 check\n"
    )
    assert "check" not in baseline and "  bind 127.0.0.1:8001\n" in baseline
    assert "retries 0" in text and "redispatch" not in text, "no request is sent to a second cluster"


def test_traffic_is_read_from_the_balancer_s_statistics() -> None:
    stat = (
        "# pxname,svname,stot,econ,eresp,cli_abrt,hrsp_5xx,\nweb,FRONTEND,90,,,,7,\nweb,east,30,1,2,3,4,\n"
        "web,west,60,0,0,0,0,\nweb,BACKEND,90,1,2,3,7,\nplain,east,5,5,0,0,0,\n"
    )
    assert parse_traffic(stat, FRONTEND) == {"east": ClusterTraffic(30, 10, 40), "west": ClusterTraffic(60, 0, 60)}


@pytest.fixture
def component(tmp_path: Path) -> MultiClusterBackend:
    placements = [{"name": name, "cluster": existing(tmp_path / name, "c", name)} for name in multi_cluster.NAMES]
    stack = OurStack(
        PROJECT,
        tmp_path / "work",
        "ha-multi-cluster",
        settings=multi_cluster.OURS,
        log=print,
        engine="not in this test",
        where={"ha-backend:placements": placements, "ha-backend:balancer": multi_cluster.BALANCER},
    )
    return MultiClusterBackend(
        stack, "ha-backend, well-behaved", ("web:1", "web:2"), connections=("new",), rate=1, environment={}
    )


def test_the_limits_are_the_promise_over_clusters_of_a_stack_with_placements(component: MultiClusterBackend) -> None:
    assert component.promised("cluster") == Limits(
        error_window_seconds=CHECK_SECONDS, full_after_restore=True, least_ready=2
    )
    assert component.promised("node") == Limits()
    assert (component.full, component.weights, component.health_path) == (4, {"east": 50, "west": 50}, "/readyz")


def test_a_baseline_is_applied_to_each_cluster() -> None:
    calls: list[tuple[str, str]] = []

    def kubectl(name: str, *words: str, **_: Any) -> str:
        calls.append((name, words[0]))
        return ""

    kubectls = [partial(kubectl, name) for name in multi_cluster.NAMES]
    baseline = MultiClusterBaseline(BASELINES["plain"], ("web:1", "web:2"), {}, kubectls=kubectls, rate=1, cpu="100m")
    baseline.change()
    assert ("east", "apply") in calls and ("west", "apply") in calls
    assert baseline.full == 2 * 3 and baseline.promised("cluster") == Limits()


def test_only_drills_on_several_clusters_are_partitioned() -> None:
    one, more = partition(list(DRILLS.values()), CLUSTERS)
    assert [drill.name for drill in more] == ["cluster-loss"] and len(one) == len(DRILLS) - 1
    target: Any = SimpleNamespace(unsupported={CLUSTERS: "it needs two"})
    assert DRILLS["cluster-loss"].unsupported_reason(target) == "it needs two"


def test_an_interrupted_deployment_stops_the_others() -> None:
    killed = threading.Event()

    class Slow(MultiClusterBackend):
        def __init__(self) -> None:
            self.name = "web"

        def change(self, **changes: Any) -> None:
            assert killed.wait(20), "it was not stopped"

        def stop(self) -> None:
            killed.set()

    class Interrupted:
        def change(self) -> None:
            raise KeyboardInterrupt

    testbed = multi_cluster.MultiClusterTestbed.__new__(multi_cluster.MultiClusterTestbed)
    testbed.backends = [Interrupted(), Slow()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        testbed.deploy()
    assert killed.is_set()
