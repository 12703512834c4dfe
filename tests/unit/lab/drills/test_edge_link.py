"""The drill that cuts a site's link: its faults, its limits, and its violations."""

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
COMPARED = Subject(site.WITHOUT, "ha-backend, without edge", under_test=False)


class FakeKube:
    """Three pods. ``later``: the pods after the cut; ``comes``: whether a requested replica starts."""

    def __init__(self, later: dict[str, Pod]) -> None:
        self.current, self.later, self.comes = dict(WEB), later, True
        self.scaled: list[int] = []

    def pods(self, namespace: str, selector: str = "") -> list[Pod]:
        return list(self.current.values())

    ready_pods = pods

    def scale(self, namespace: str, name: str, replicas: int) -> None:
        self.scaled.append(replicas)

    def wait_until(self, condition: Any, seconds: float, what: str) -> None:
        if not condition():
            raise DrillError(what)


class FakeSite(Target):
    """A site that records each call; a requested pod starts when the site is connected again."""

    kube: Any
    owned = True
    sample_seconds = 0.05

    def __init__(self, later: dict[str, Pod] = WEB) -> None:
        self.kube, self.unsupported, self.closed = FakeKube(later), {}, []
        self.calls: list[str] = []

    def cut_link(self) -> None:
        self.calls.append("cut")
        self.kube.current = dict(self.kube.later)

    def restore_link(self) -> None:
        self.calls.append("restore")

    def await_site(self) -> None:
        self.calls.append("seen")
        if self.kube.comes:
            self.kube.current["new"] = pod("new")


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_link, "pause", lambda seconds: None)


def acted(target: FakeSite, *others: Any) -> DrillContext:
    context = DrillContext([backend(), *others], target, print)
    context.session = cast(Any, SimpleNamespace(note=target.calls.append))
    DRILL.act(context)
    return context


def test_a_replica_is_requested_while_the_link_is_cut_and_starts_afterwards() -> None:
    target = FakeSite()
    context = acted(target)
    assert not context.violations
    assert target.kube.scaled == [4]
    assert target.calls == [
        "cut",
        "one more replica is requested from the control plane",
        "restore",
        f"{GIVEN_UP}web 0 of 3",
        "seen",
        "the control plane sees the site",
    ]
    DRILL.restore(context)
    assert target.kube.scaled == [4, 3] and target.calls[-2:] == ["restore", "seen"]


@pytest.mark.parametrize(
    ("later", "comes", "text"),
    [
        ({**WEB, "w1": replace(WEB["w1"], restarts=1)}, True, ["pod w1 on n1 was restarted"]),
        ({name: WEB[name] for name in ("w1", "w2")} | {"w4": pod("w4")}, True, ["pod w3 on n1 was deleted"]),
        (
            WEB,
            False,
            [
                "the replica that was requested while the link was cut was not ready 60 s after the control plane saw "
                "the site again"
            ],
        ),
    ],
)
def test_pods_that_did_not_stay_or_a_missing_replica_break_the_promise(
    later: dict[str, Pod], comes: bool, text: list[str]
) -> None:
    target = FakeSite(later)
    target.kube.comes = comes
    assert acted(target).violations == {"web": text}


def test_baselines_are_reported_and_not_judged() -> None:
    target = FakeSite({"w4": pod("w4")})
    context = acted(target, backend(name="plain", under_test=False))
    assert f"{GIVEN_UP}web 3 of 3, plain 3 of 3" in target.calls
    assert set(context.violations) == {"web"}
    assert target.kube.scaled == [4], "baselines are not scaled"


def test_the_link_is_restored_after_an_interruption() -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    target = FakeSite()
    target.kube.scale = interrupt
    with pytest.raises(KeyboardInterrupt):
        acted(target)
    assert target.calls == ["cut", "restore"]


def test_a_pod_that_stayed_is_no_violation() -> None:
    assert changed(WEB, {**WEB, "new": pod("new")}) == []
    assert changed({"w1": replace(WEB["w1"], restarts=2)}, WEB) == []


@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        (0, 0, ""),
        (105, 165, ""),
        (50, 50.02, "a request failed that was sent 45.0 s after the fault (promised: none in the first 100.0 s)"),
        (165, 170, "promised: at most 160.0 s"),
    ],
)
def test_a_failed_request_during_the_cut_or_long_after_it_breaks_the_promise(
    begin: float, end: float, text: str
) -> None:
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
    built = recording(stream(requests=sent, ended=180.0), ended=180.0)
    actual = section([result(GOOD, built, limits, drill=DRILL)])
    assert (actual.status, [text in one for one in actual.under_test[0].verdict.violations]) == (  # type: ignore[union-attr]
        ("broken", [True]) if text else ("kept", [])
    )


def test_a_violation_breaks_the_promise() -> None:
    assert section([result(GOOD, drill=DRILL, violations=("pod w1 on n1 was deleted",))]).status == "broken"


def test_endpoints_of_the_site_are_unknown_until_it_is_connected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RealTarget, "__init__", lambda self, *arguments: None)
    monkeypatch.setattr(RealTarget, "endpoints", lambda self, backend: lambda: {"a": 3})
    monkeypatch.setattr("components.devcluster.nodes.links.disconnect_site", lambda *arguments: None)
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


def test_the_backend_without_edge_is_in_the_remark() -> None:
    built = recording(moments=(Moment(5, "cut"), Moment(9, f"{GIVEN_UP}ha-edge 0 of 3", "note")))
    actual = [
        result(GOOD, built, drill=DRILL),
        result(COMPARED, recording(stream(lost=between(6, 7))), drill=DRILL),
        result(PLAIN, drill=DRILL),
    ]
    remarks = {"edge-link": "tried again"}
    left = site.without_comparison(actual, remarks)
    assert [one.backend.title for one in left] == [GOOD.title, PLAIN.title]
    assert remarks["edge-link"] == f"tried again; {GIVEN_UP}ha-edge 0 of 3; without edge 100 of 1,500 requests failed"


def test_a_baseline_at_the_site_is_pinned_to_its_nodes_and_deleted_sooner() -> None:
    text: list[str] = []

    def kubectl(*words: str, stdin: str | None = None, check: bool = True) -> str:
        text.append(stdin or "")
        return ""

    def applied(nodes: dict[str, str] | None) -> str:
        BaselineBackend(
            BASELINES["plain"], ("web:1", "web:2"), {}, kubectl=kubectl, rate=1, cpu="100m", nodes=nodes
        ).change()
        return next(text for text in reversed(text) if text)

    here = applied(site.POOL)
    assert (
        '"nodeSelector": {"apps.openyurt.io/nodepool": "shop"}' in here and here.count('"tolerationSeconds": 30') == 2
    )
    usual = applied(None)
    assert "nodeSelector" not in usual and "tolerations" not in usual


def test_without_load_the_same_pods_are_no_limit() -> None:
    assert Limits(same_pods=True).endpoint_limits == Limits()
