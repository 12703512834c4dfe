"""A site's link is cut: what the drill does, what it holds ours to, and that it can fail."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.drills.drill import DrillContext
from lab.drills.experiments import DRILLS, edge_link
from lab.drills.experiments.edge_link import GIVEN_UP, changed
from lab.drills.kube import DrillError
from lab.drills.model import Moment, Request
from lab.drills.pods import Pod
from lab.drills.real_target import RealTarget
from lab.drills.report import words
from lab.drills.report.content import section
from lab.drills.site_target import SiteTarget
from lab.drills.target import Target
from lab.drills.verdict import Limits
from lab.testbed import site
from lab.testbed.baseline_backend import BaselineBackend
from lab.testbed.baselines import BASELINES
from tests.support.drill_results import GOOD, PLAIN, Subject, result
from tests.support.fake_target import backend, pod
from tests.support.recordings import between, recording, stream

DRILL = DRILLS["edge-link"]
WEB = {name: pod(name) for name in ("w1", "w2", "w3")}
BESIDE = Subject(site.WITHOUT, "ha-backend, without edge", under_test=False)


class Kube:
    """Three pods; ``turn`` says what becomes of them when the link is cut, and how many come when more are asked for."""

    def __init__(self, found: dict[str, Pod]) -> None:
        self.found, self.comes, self.asked = dict(WEB), True, []
        self.later = found

    def pods(self, namespace: str, selector: str = "") -> list[Pod]:
        return list(self.found.values())

    ready_pods = pods

    def scale(self, namespace: str, name: str, replicas: int) -> None:
        self.asked.append(replicas)

    def wait_until(self, condition: Any, seconds: float, what: str) -> None:
        if not condition():
            raise DrillError(what)


class SiteTestbed(Target):
    """What is done to it is written down; a pod that was asked for comes when the site is seen again."""

    owned = True

    def __init__(self, later: dict[str, Pod] = WEB) -> None:
        self.kube = Kube(later)  # type: ignore[assignment]
        self.did: list[str] = []

    def cut_link(self) -> None:
        self.did.append("cut")
        self.kube.found = dict(self.kube.later)  # type: ignore[attr-defined]

    def restore_link(self) -> None:
        self.did.append("mend")

    def await_site(self) -> None:
        self.did.append("seen")
        if self.kube.comes:  # type: ignore[attr-defined]
            self.kube.found["new"] = pod("new")  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_link, "pause", lambda seconds: None)


def acted(target: SiteTestbed, *others: Any) -> DrillContext:
    context = DrillContext([backend(), *others], target, print)
    context.session = cast(Any, SimpleNamespace(note=target.did.append))
    DRILL.act(context)
    return context


def test_one_pod_more_is_asked_for_while_the_link_is_cut_and_comes_when_it_is_back() -> None:
    target = SiteTestbed()
    context = acted(target)
    assert not context.violations
    assert target.kube.asked == [4]  # type: ignore[attr-defined]
    assert target.did == [
        "cut",
        "one more replica is requested from the control plane",
        "mend",
        f"{GIVEN_UP}web 0 of 3",
        "seen",
        "the control plane sees the site",
    ]
    DRILL.restore(context)
    assert target.kube.asked == [4, 3] and target.did[-2:] == ["mend", "seen"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("later", "comes", "said"),
    [
        ({**WEB, "w1": replace(WEB["w1"], restarts=1)}, True, ["pod w1 on n1 was restarted"]),
        ({name: WEB[name] for name in ("w1", "w2")} | {"w4": pod("w4")}, True, ["pod w3 on n1 was deleted"]),
        (
            WEB,
            False,
            [
                "the replica that was requested while the link was cut was not ready 60 s after the control plane saw the site "
                "again"
            ],
        ),
    ],
)
def test_it_is_broken_where_pods_did_not_stay_or_nothing_was_carried_out(
    later: dict[str, Pod], comes: bool, said: list[str]
) -> None:
    target = SiteTestbed(later)
    target.kube.comes = comes  # type: ignore[attr-defined]
    assert acted(target).violations == {"web": said}


def test_what_becomes_of_the_others_is_told_and_not_judged() -> None:
    target = SiteTestbed({"w4": pod("w4")})
    context = acted(target, backend(name="plain", under_test=False))
    assert f"{GIVEN_UP}web 3 of 3, plain 3 of 3" in target.did
    assert set(context.violations) == {"web"}
    assert target.kube.asked == [4], "nothing is asked of the others"  # type: ignore[attr-defined]


def test_the_link_is_mended_whatever_happens() -> None:
    target = SiteTestbed()
    target.kube.scale = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        acted(target)
    assert target.did == ["cut", "mend"]


def test_a_pod_that_stayed_is_the_same_one() -> None:
    assert changed(WEB, {**WEB, "new": pod("new")}) == []
    assert changed({"w1": replace(WEB["w1"], restarts=2)}, WEB) == []


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (0, 0, ""),
        (105, 165, ""),
        (50, 50.02, "a request failed that was sent 45.0 s after the fault (promised: none in the first 100.0 s)"),
        (165, 170, "promised: at most 160.0 s"),
    ],
)
def test_a_request_lost_while_the_link_is_cut_or_long_after_it_breaks_it(begin: float, end: float, said: str) -> None:
    limits = DRILL.limits(backend())
    assert words.promised(limits) == [
        "no failure in the first 100 s",
        "no failure after 2 min 40 s",
        "the same pods throughout",
    ]
    sent = tuple(
        Request(
            number / 100,
            0.01,
            0 if begin <= number / 100 < end else 200,
            "timeout" if begin <= number / 100 < end else "",
        )
        for number in range(18000)
    )
    made = recording(stream(requests=sent, ended=180.0), ended=180.0)
    found = section([result(GOOD, made, limits, drill=DRILL)])
    assert (found.status, [said in one for one in found.under_test[0].verdict.violations]) == (  # type: ignore[union-attr]
        ("broken", [True]) if said else ("kept", [])
    )


def test_a_pod_that_did_not_stay_breaks_it() -> None:
    assert section([result(GOOD, drill=DRILL, violations=("pod w1 on n1 was deleted",))]).status == "broken"


def test_nobody_knows_of_the_site_until_it_is_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RealTarget, "__init__", lambda self, *given: None)
    monkeypatch.setattr(RealTarget, "endpoints", lambda self, backend: lambda: {"a": 3})
    monkeypatch.setattr("components.devcluster.nodes.links.disconnect_site", lambda *given: None)
    target = SiteTarget(cast(Any, None), print, ["n1"])
    target._fleet = SimpleNamespace(layout=SimpleNamespace(nodes=[SimpleNamespace(name="n1")]))  # type: ignore[assignment]
    target.kube = cast(Any, SimpleNamespace(wait_for_nodes=lambda names, seconds: None))
    ask = target.endpoints(backend())
    assert ask() == {"a": 3}
    target.cut_link()
    with pytest.raises(DrillError, match="cannot reach the site"):
        ask()
    target.await_site()
    assert ask() == {"a": 3}


def test_the_same_without_edge_is_told_in_the_remark() -> None:
    made = recording(moments=(Moment(5, "cut"), Moment(9, f"{GIVEN_UP}ha-edge 0 of 3", "note")))
    found = [
        result(GOOD, made, drill=DRILL),
        result(BESIDE, recording(stream(lost=between(6, 7))), drill=DRILL),
        result(PLAIN, drill=DRILL),
    ]
    remarks = {"edge-link": "tried again"}
    left = site.without_comparison(found, remarks)
    assert [one.backend.title for one in left] == [GOOD.title, PLAIN.title]
    assert remarks["edge-link"] == f"tried again; {GIVEN_UP}ha-edge 0 of 3; without edge 100 of 1,500 requests failed"


def test_a_rival_at_the_site_is_put_on_its_nodes_and_given_up_sooner() -> None:
    said: list[str] = []

    def kubectl(*words: str, stdin: str | None = None, check: bool = True) -> str:
        said.append(stdin or "")
        return ""

    def applied(nodes: dict[str, str] | None) -> str:
        BaselineBackend(
            BASELINES["plain"], ("web:1", "web:2"), {}, kubectl=kubectl, rate=1, cpu="100m", nodes=nodes
        ).change()
        return next(text for text in reversed(said) if text)

    here = applied(site.POOL)
    assert (
        '"nodeSelector": {"apps.openyurt.io/nodepool": "shop"}' in here and here.count('"tolerationSeconds": 30') == 2
    )
    usual = applied(None)
    assert "nodeSelector" not in usual and "tolerations" not in usual


def test_where_no_load_is_sent_the_same_pods_alone_prove_nothing() -> None:
    assert Limits(same_pods=True).endpoint_limits == Limits()
