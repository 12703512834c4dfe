"""The loss of a cluster as a drill: what is measured over several clusters, what is promised of it, and that it can fail."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.devcluster.nodes.haproxy import CHECK_SECONDS
from components.inspection.client import InspectionError
from lab.drills import run
from lab.drills.drill import CLUSTERS
from lab.drills.experiments import DRILLS, cluster_loss
from lab.drills.experiments.cluster_loss import since, takes_its_share
from lab.drills.multi_cluster_endpoints import Together
from lab.drills.multi_cluster_target import SeveralGround
from lab.drills.target import Ground, Sent
from lab.drills.verdict import Limits
from lab.testbed import multi_cluster
from lab.testbed.baselines import RIVALS
from lab.testbed.context import parted
from lab.testbed.haproxy_frontend import Front, configuration, counted
from lab.testbed.multi_cluster_backend import OurSpread, RivalSpread
from lab.testbed.our_stack import Ours, existing
from tests.unit.lab.drills.test_targets import Kube, backend

PROJECT = Path(__file__).parent.parent.parent.parent.parent
FRONT = Front("ours", 8000, {"east": "198.18.1.16:80", "west": "198.18.2.16:80"}, {"east": 40, "west": 60}, "/readyz")


class One(Ground):
    """A cluster with three pods of a backend; ``did`` is what was done to it."""

    owned = True
    sample_seconds = 0.05

    def __init__(self) -> None:
        self.kube = Kube()  # type: ignore[assignment]
        self.cannot, self.closed, self.did = {}, [], []  # type: ignore[var-annotated]

    def cut_off(self) -> None:
        self.did.append("cut off")

    def reconnect(self) -> None:
        self.did.append("reconnected")

    def start_control_plane(self) -> None:
        self.did.append("started")


class Spreading:
    """A balancer that sends ten requests a question to each cluster that takes some; the health check may be broken."""

    def __init__(self, members: dict[str, One], weights: dict[str, int]) -> None:
        self.members, self.weights = members, weights
        self.numbers = {name: [0, 0] for name in members}
        self.others_fail = self.never_back = False

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:1/{name}"

    def sent(self, name: str) -> dict[str, Sent]:
        for one, member in self.members.items():
            lost, was = member.did[-1:] == ["cut off"], bool(member.did)
            self.numbers[one][0] += 0 if was and self.never_back else self.weights[one]
            self.numbers[one][1] += self.weights[one] if lost or (self.others_fail and not was) else 0
        return {one: Sent(*numbers, self.weights[one]) for one, numbers in self.numbers.items()}


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> SeveralGround:
    monkeypatch.setattr(cluster_loss, "pause", lambda seconds: None)
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.1)
    members = {"east": One(), "west": One()}
    made = SeveralGround(members, lambda _: None)
    made.balancer = Spreading(members, {"east": 40, "west": 60})
    made.sample_seconds = 0.05
    return made


def drilled(ground: SeveralGround, **promised: Any) -> run.Result:
    limits = Limits(**{"failing_seconds": 5, "full_with_it": True, "least_ready": 3, **promised})
    drill = replace(DRILLS["cluster-loss"], seconds=0, steady=0.3, patience=1)
    (result,) = run.run(
        drill, [backend(full=6, promised=lambda failure: {"cluster": limits}[failure])], ground, None, print
    )
    return result


def test_the_cluster_that_takes_most_is_cut_off_and_comes_back(ground: SeveralGround) -> None:
    result = drilled(ground)
    assert result.verdict and result.verdict.broken == ()
    assert ground.members["east"].did == ["reconnected"] * 2  # type: ignore[attr-defined]
    assert ground.members["west"].did == ["cut off", "reconnected", "reconnected"]  # type: ignore[attr-defined]
    assert [moment.what for moment in result.recording.moments if moment.kind == "note"] == [
        "cluster west is there again",
        "cluster west takes its share again",
    ]


def test_it_is_broken_where_the_other_cluster_loses_requests(ground: SeveralGround) -> None:
    ground.balancer.others_fail = True  # type: ignore[attr-defined]
    result = drilled(ground)
    assert result.verdict and result.verdict.status == "broken"
    assert "requests that were sent to cluster east, which was not lost, 80 failed" in result.verdict.broken[0]


def test_it_is_broken_where_the_cluster_gets_nothing_after_its_return(ground: SeveralGround) -> None:
    ground.balancer.never_back = True  # type: ignore[attr-defined]
    result = drilled(ground)
    assert result.verdict and result.verdict.broken == (
        "cluster west did not take its share again within 30 s of its return",
    )


def test_it_is_broken_where_too_few_pods_are_left(ground: SeveralGround, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_loss, "pause", lambda seconds: threading.Event().wait(0.3))
    result = drilled(ground, least_ready=4)
    assert result.verdict and result.verdict.broken == ("at worst 3 ready endpoints, promised are at least 4",)


def test_the_cable_is_put_back_after_an_interruption(ground: SeveralGround, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster_loss, "pause", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drilled(ground)
    assert ground.members["west"].did == ["cut off", "reconnected"]  # type: ignore[attr-defined]


def test_a_cluster_takes_its_share_where_nearly_all_of_it_arrives_and_nothing_fails() -> None:
    def share(east: int, west: int, failed: int = 0) -> bool:
        return takes_its_share({"east": Sent(east, 0, 50), "west": Sent(west, failed, 50)}, "west")

    assert share(150, 150) and share(180, 125)
    assert not share(180, 115) and not share(300, 0) and not share(0, 0) and not share(150, 150, failed=1)
    assert since({"east": Sent(10, 1, 50)}, {"east": Sent(25, 3, 50)}) == {"east": Sent(15, 2, 50)}


def test_endpoints_are_those_of_all_clusters_and_a_cluster_that_is_cut_off_has_none() -> None:
    hanging, gone = threading.Event(), set[str]()
    east: dict[str, int] = {"zone-a": 1, "zone-b": 1}

    def west() -> dict[str, int]:
        if gone:
            hanging.wait(5)
        return {"zone-a": 2}

    ask = Together({"east": lambda: east, "west": west}, gone)
    assert ask() == {"east, zone-a": 1, "east, zone-b": 1, "west, zone-a": 2}
    gone.add("west")
    assert ask() == ask() == {"east, zone-a": 1, "east, zone-b": 1}
    hanging.set()
    gone.clear()
    assert ask()["west, zone-a"] == 2


def test_a_cluster_that_is_not_cut_off_and_says_nothing_is_not_known() -> None:
    now, fails = [0.0], [False]

    def west() -> dict[str, int]:
        if fails[0]:
            raise InspectionError("no answer")
        return {"zone-a": 2}

    ask = Together({"west": west}, set(), lambda: now[0])
    assert ask() == {"west, zone-a": 2}
    fails[0], now[0] = True, 1.5
    assert ask() == {"west, zone-a": 2}, "it is believed for a moment"
    now[0] = 2.5
    with pytest.raises(InspectionError, match="cluster west does not say"):
        ask()


def test_every_cluster_is_looked_at_before_a_drill_begins(ground: SeveralGround) -> None:
    parts = ground.parts([backend(full=6)])
    assert [(part, [one.full for one in backends], backends[0].name) for part, backends in parts] == [
        (member, [3], "web") for member in ground.members.values()
    ]


def test_what_is_asked_for_its_health_and_what_is_not() -> None:
    said = configuration([FRONT, replace(FRONT, name="rival", port=8001, health="")], Path("/run/x"))
    ours, rival = said.split("listen ")[1:]
    assert ours == (
        "ours\n  bind 127.0.0.1:8000\n  balance random(1)\n  option httpchk GET /readyz\n"
        "  server east 198.18.1.16:80 weight 40 check\n  server west 198.18.2.16:80 weight 60 check\n"
    )
    assert "check" not in rival and "  bind 127.0.0.1:8001\n" in rival
    assert "retries 0" in said and "redispatch" not in said, "no request is sent to a second cluster"


def test_what_was_sent_is_read_from_the_balancers_own_numbers() -> None:
    stat = (
        "# pxname,svname,stot,econ,eresp,cli_abrt,hrsp_5xx,\nours,FRONTEND,90,,,,7,\nours,east,30,1,2,3,4,\n"
        "ours,west,60,0,0,0,0,\nours,BACKEND,90,1,2,3,7,\nrival,east,5,5,0,0,0,\n"
    )
    assert counted(stat, FRONT) == {"east": Sent(30, 10, 40), "west": Sent(60, 0, 60)}


@pytest.fixture
def ours(tmp_path: Path) -> OurSpread:
    placements = [{"name": name, "cluster": existing(tmp_path / name, "c", name)} for name in multi_cluster.NAMES]
    stack = Ours(
        PROJECT,
        tmp_path / "work",
        "ours-several",
        settings=multi_cluster.OURS,
        log=print,
        engine="not in this test",
        where={"ha-backend:placements": placements, "ha-backend:balancer": multi_cluster.BALANCER},
    )
    return OurSpread(stack, "ours, well-behaved", ("web:1", "web:2"), connections=("new",), rate=1, environment={})


def test_what_is_promised_is_the_promise_over_clusters_of_a_stack_with_placements(ours: OurSpread) -> None:
    assert ours.promised("cluster") == Limits(failing_seconds=CHECK_SECONDS, full_with_it=True, least_ready=2)
    assert ours.promised("node") == Limits()
    assert (ours.full, ours.weights, ours.health_path) == (4, {"east": 50, "west": 50}, "/readyz")


def test_somebody_elses_packaging_is_applied_to_each_cluster() -> None:
    called: list[tuple[str, str]] = []
    kubectls = [
        lambda *words, name=name, **more: (called.append((name, words[0])), "")[1] for name in multi_cluster.NAMES
    ]
    rival = RivalSpread(RIVALS["plain"], ("web:1", "web:2"), {}, kubectls=kubectls, rate=1, cpu="100m")
    rival.change()
    assert ("east", "apply") in called and ("west", "apply") in called
    assert rival.full == 2 * 3 and rival.promised("cluster") == Limits()


def test_only_what_takes_several_clusters_is_set_apart() -> None:
    one, more = parted(list(DRILLS.values()), CLUSTERS)
    assert [drill.name for drill in more] == ["cluster-loss"] and len(one) == len(DRILLS) - 1
    assert DRILLS["cluster-loss"].lacks(SimpleNamespace(cannot={CLUSTERS: "it takes two"})) == "it takes two"  # type: ignore[arg-type]


def test_a_deployment_that_is_ended_is_not_waited_for() -> None:
    killed = threading.Event()

    class Slow(OurSpread):
        def __init__(self) -> None:
            self.name = "ours"

        def change(self, **changes: Any) -> None:
            assert killed.wait(20), "it goes on for as long as nobody ends it"

        def stop(self) -> None:
            killed.set()

    class Ending:
        def change(self) -> None:
            raise KeyboardInterrupt

    stage = multi_cluster.Several.__new__(multi_cluster.Several)
    stage.backends = [Ending(), Slow()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        stage.deploy()
    assert killed.is_set()
