"""The drills of a run on one testbed: a failed drill does not end it, and the testbed is repaired."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from components.devcluster.errors import DevClusterError
from lab.drills.drill import ENGINE, PROXY, Drill
from lab.drills.kube import DrillError
from lab.drills.report.content import Failed
from lab.drills.run import Result
from lab.testbed import restore
from lab.testbed.restore import TestbedError, ensure_steady
from lab.testbed.run_info import about, flat
from lab.testbed.runner import RunState, run_drills
from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN, result
from tests.support.fake_drills import EARLY, LOSSY, FakeRun, drill, kept
from tests.support.fake_testbed import FakeTestbed, node
from tests.support.recordings import recording, stream

Calm = list[Exception | None]


def run_all(testbed: FakeTestbed, drills: Sequence[Drill], run_drill: FakeRun) -> tuple[RunState, list[str]]:
    state, lines = RunState(), list[str]()
    run_drills(testbed, drills, run_drill, lines.append, state)
    return state, lines


def test_each_subject_has_a_line_with_its_figures(calm: Calm) -> None:
    run_drill = FakeRun(
        drain=[[result(GOOD, recording(stream(), stream("reused"))), result(NAIVE, LOSSY), result(PLAIN, LOSSY)]]
    )
    state, lines = run_all(FakeTestbed(), [drill("rollout"), drill("drain")], run_drill)
    assert [one[0].drill.name for one in state.results if not isinstance(one, Failed)] == ["rollout", "drain"]
    assert lines[0] == "drill 1 of 2, rollout: the rollout"
    assert lines[5:] == [
        "  ha-backend, well-behaved: ✓ kept; failed: new 0 of 1,500, reused 0 of 1,500; capacity never lower",
        "  ha-backend, naive: ✕ broken; failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower",
        "    new connections: 100 of 1,500 requests failed (promised: at most 0)",
        "  plain manifest: failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower",
    ]


def test_an_inconclusive_drill_is_repeated_once(calm: Calm) -> None:
    def doubtful() -> list[Result]:
        return [result(GOOD, EARLY), result(NAIVE)]

    run_drill = FakeRun(drain=[doubtful(), kept(drill("drain"))], kill=[doubtful(), doubtful()])
    state, lines = run_all(FakeTestbed(), [drill("drain"), drill("kill")], run_drill)
    assert run_drill.attempts == ["drain", "drain", "kill", "kill"]
    assert state.remarks["drain"].startswith(
        "second attempt: the first one was inconclusive (ha-backend, well-behaved: new conn"
    )
    assert any(line.startswith("drain: inconclusive, trying once more: ha-backend") for line in lines)
    assert len(state.results) == 2


def test_a_broken_promise_with_a_doubt_is_not_repeated(calm: Calm) -> None:
    run_drill = FakeRun(drain=[[result(GOOD, EARLY), result(NAIVE, LOSSY)]])
    run_all(FakeTestbed(), [drill("drain")], run_drill)
    assert run_drill.attempts == ["drain"]


def test_after_a_failed_drill_the_testbed_is_repaired_and_the_next_one_runs(calm: Calm) -> None:
    testbed = FakeTestbed(nodes=[node("a1"), node("b1", cordoned=True), node("c1")], ready=["a1"])
    run_drill = FakeRun(drain=[DrillError("timed out\nfor a1")], kill=[KeyError("pod")])
    state, lines = run_all(testbed, [drill("drain"), drill("kill"), drill("hang")], run_drill)
    assert run_drill.attempts == ["drain", "kill", "hang"]
    assert [one.reason for one in state.results if isinstance(one, Failed)] == ["timed out for a1", "KeyError: 'pod'"]
    assert testbed.calls == ["control plane", "uncordon b1", "restore c1"] * 2
    assert GOOD.changes[0] == {"image": "web:1", "environment": {}, "replicas": 3, "autoscaled": True}
    assert len(PLAIN.changes) == 2
    assert any("Traceback" in line for line in lines), "an unexpected error is logged in full"


def test_without_pulumi_its_drills_are_skipped_by_name(calm: Calm) -> None:
    run_drill = FakeRun()
    state, _ = run_all(FakeTestbed(), [drill("killed-up", ENGINE), drill("drain")], run_drill)
    assert run_drill.attempts == ["drain"]
    skipped = [(one.name, one.reason) for one in state.skipped]
    assert skipped == [("killed-up", "it needs pulumi, which is not installed")]
    testbed = FakeTestbed()
    testbed.engine = Engine("/pulumi", "3.250.0")
    state, _ = run_all(testbed, [drill("killed-up", ENGINE)], run_drill)
    assert not state.skipped


def test_unsupported_drills_are_skipped_by_name(calm: Calm) -> None:
    run_drill, testbed = FakeRun(), FakeTestbed()
    testbed.target.unsupported["proxy"] = "it needs Envoy"
    state, lines = run_all(testbed, [drill("attempts", PROXY), drill("drain")], run_drill)
    assert run_drill.attempts == ["drain"]
    assert [(one.name, one.reason) for one in state.skipped] == [("attempts", "it needs Envoy")]
    assert "drill 1 of 2, attempts: SKIPPED, it needs Envoy" in lines


def test_a_testbed_that_is_not_steady_is_repaired_first(calm: Calm) -> None:
    calm[:] = [DrillError("no"), None]
    testbed = FakeTestbed()
    desired = {one.name: one.desired for one in testbed.backends}
    ensure_steady(testbed, desired, lambda _: None, healthy=True)
    assert testbed.calls == ["control plane"]
    calm[:] = [DrillError("no"), DrillError("never")]
    with pytest.raises(TestbedError, match="it was not steady twice in a row: never"):
        ensure_steady(testbed, desired, lambda _: None, healthy=True)


def test_a_repair_continues_after_a_failed_step(calm: Calm) -> None:
    def no_port() -> None:
        raise DevClusterError("no port")

    testbed, lines = FakeTestbed(nodes=[node("b1", cordoned=True)]), list[str]()
    testbed.target.start_control_plane = no_port
    restore.repair(testbed, {one.name: one.desired for one in testbed.backends}, lines.append)
    assert testbed.calls == ["uncordon b1"] and "repairing control plane failed: no port" in lines
    assert NAIVE.changes


def test_a_lost_testbed_ends_the_run(calm: Calm) -> None:
    calm[:] = [None, DrillError("gone"), DrillError("gone")]
    run_drill = FakeRun()
    state, lines = run_all(FakeTestbed(), [drill("rollout"), drill("drain"), drill("kill")], run_drill)
    assert run_drill.attempts == ["rollout"] and "cannot be repaired" in state.lost
    assert [one.name for one in state.skipped] == ["drain", "kill"]
    assert lines[-1].startswith("error: the testbed cannot be repaired")


def test_the_facts_of_a_run() -> None:
    testbed: Any = FakeTestbed(nodes=[node("a1"), node("a2"), node("b1")])
    testbed.engine = Engine("/pulumi", "3.250.0")
    facts = dict(about(testbed, ["helm-create"], datetime(2026, 11, 23, 17, 40, tzinfo=UTC)))
    assert facts["date"] == "2026-11-23 17:40 UTC" and facts["deployed by"] == "pulumi 3.250.0"
    assert facts["Kubernetes"] == "v1.36.3, 3 real nodes in 2 zones, on one machine"
    load = "100 requests a second on each of: new, reused connections"
    assert facts["load on ha-backend, well-behaved"] == load
    assert "v4.2.4" in facts["helm create"]
    assert facts["machine"].startswith(f"{os.cpu_count()} cores, ")


def test_settings_in_one_line() -> None:
    settings = {"survive": "zone", "autoscaling": {"enabled": True, "maxReplicas": 6}, "names": ["A", "B"], "none": {}}
    assert list(flat(settings)) == [
        "survive zone",
        "autoscaling.enabled true",
        "autoscaling.maxReplicas 6",
        "names A B",
    ]
