"""The drills of a run on one stage: what goes wrong with one does not end it, and the stage is mended before the next."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from components.devcluster.errors import LocalError
from lab.drills.drill import ENGINE, PROXY
from lab.drills.kube import DrillError
from lab.drills.report.content import Failed
from lab.testbed import restore
from lab.testbed.restore import StageLost, ready
from lab.testbed.run_info import about, flat
from lab.testbed.runner import Done, carry_out
from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN, result
from tests.support.fake_drills import EARLY, LOSSY, Once, drill, kept
from tests.support.fake_testbed import Stage, node
from tests.support.recordings import recording, stream


def carried(stage, drills, once):
    done, said = Done(), []
    carry_out(stage, drills, once, said.append, done)
    return done, said


def test_each_subject_has_a_line_with_its_figures(calm):
    once = Once(
        drain=[[result(GOOD, recording(stream(), stream("reused"))), result(NAIVE, LOSSY), result(PLAIN, LOSSY)]]
    )
    done, said = carried(Stage(), [drill("rollout"), drill("drain")], once)
    assert [found[0].drill.name for found in done.results] == ["rollout", "drain"]
    assert said[0] == "drill 1 of 2, rollout: the rollout"
    assert said[5:] == [
        "  ours, well-behaved: ✓ kept; failed: new 0 of 1,500, reused 0 of 1,500; capacity never lower",
        "  ours, naive: ✕ broken; failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower",
        "    new connections: 100 of 1,500 requests failed, promised are at most 0",
        "  plain manifest: failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower",
    ]


def test_what_proves_nothing_is_tried_once_more(calm):
    def doubtful():
        return [result(GOOD, EARLY), result(NAIVE)]

    once = Once(drain=[doubtful(), kept(drill("drain"))], kill=[doubtful(), doubtful()])
    done, said = carried(Stage(), [drill("drain"), drill("kill")], once)
    assert once.tried == ["drain", "drain", "kill", "kill"]
    assert done.remarks["drain"].startswith(
        "tried again: the first time nothing was proved (ours, well-behaved: new conn"
    )
    assert any(line.startswith("drain: nothing was proved, trying once more: ours") for line in said)
    assert len(done.results) == 2


def test_what_is_broken_beside_a_doubt_is_not_tried_again(calm):
    once = Once(drain=[[result(GOOD, EARLY), result(NAIVE, LOSSY)]])
    carried(Stage(), [drill("drain")], once)
    assert once.tried == ["drain"]


def test_a_drill_that_fails_is_mended_and_the_next_one_is_tried(calm):
    stage = Stage(nodes=[node("a1"), node("b1", cordoned=True), node("c1")], ready=["a1"])
    once = Once(drain=[DrillError("waited in vain\nfor a1")], kill=[KeyError("pod")])
    done, said = carried(stage, [drill("drain"), drill("kill"), drill("hang")], once)
    assert once.tried == ["drain", "kill", "hang"]
    assert [found.why for found in done.results if isinstance(found, Failed)] == [
        "waited in vain for a1",
        "KeyError: 'pod'",
    ]
    assert stage.did == ["control plane", "open b1", "restore c1"] * 2
    assert GOOD.changes[0] == {"image": "web:1", "environment": {}, "replicas": 3, "autoscaled": True}
    assert len(PLAIN.changes) == 2
    assert any("Traceback" in line for line in said), "what nobody expected is told in full"


def test_without_pulumi_its_drills_are_skipped_by_name(calm):
    once = Once()
    done, _ = carried(Stage(), [drill("killed-up", ENGINE), drill("drain")], once)
    assert once.tried == ["drain"]
    assert [(one.name, one.why) for one in done.skipped] == [("killed-up", "it needs pulumi, which is not here")]
    stage = Stage()
    stage.engine = Engine("/pulumi", "3.250.0")
    done, _ = carried(stage, [drill("killed-up", ENGINE)], once)
    assert not done.skipped


def test_what_the_ground_lacks_skips_its_drills_by_name(calm):
    once, stage = Once(), Stage()
    stage.ground.cannot["proxy"] = "it needs Envoy"
    done, said = carried(stage, [drill("attempts", PROXY), drill("drain")], once)
    assert once.tried == ["drain"]
    assert [(one.name, one.why) for one in done.skipped] == [("attempts", "it needs Envoy")]
    assert "drill 1 of 2, attempts: SKIPPED, it needs Envoy" in said


def test_what_is_not_steady_is_mended_first(calm):
    calm[:] = [DrillError("no"), None]
    stage = Stage()
    ready(stage, {one.name: one.wish for one in stage.backends}, lambda _: None, sound=True)
    assert stage.did == ["control plane"]
    calm[:] = [DrillError("no"), DrillError("never")]
    with pytest.raises(StageLost, match="twice in a row it did not become steady: never"):
        ready(stage, {one.name: one.wish for one in stage.backends}, lambda _: None, sound=True)


def test_mending_goes_on_where_one_step_fails(calm):
    stage, said = Stage(nodes=[node("b1", cordoned=True)]), []
    stage.ground.start_control_plane = lambda: (_ for _ in ()).throw(LocalError("no port"))
    restore.mend(stage, {one.name: one.wish for one in stage.backends}, said.append)
    assert stage.did == ["open b1"] and "mending control plane failed: no port" in said
    assert NAIVE.changes


def test_a_lost_stage_ends_the_run(calm):
    calm[:] = [None, DrillError("gone"), DrillError("gone")]
    once = Once()
    done, said = carried(Stage(), [drill("rollout"), drill("drain"), drill("kill")], once)
    assert once.tried == ["rollout"] and "beyond repair" in done.lost
    assert [one.name for one in done.skipped] == ["drain", "kill"]
    assert said[-1].startswith("error: the stage is beyond repair")


def test_the_facts_of_a_run():
    stage = Stage(nodes=[node("a1"), node("a2"), node("b1")])
    stage.engine = Engine("/pulumi", "3.250.0")
    facts = dict(about(stage, ["helm-create"], datetime(2026, 11, 23, 17, 40, tzinfo=UTC)))
    assert facts["date"] == "2026-11-23 17:40 UTC" and facts["deployed by"] == "pulumi 3.250.0"
    assert facts["Kubernetes"] == "v1.36.3, 3 real nodes in 2 zones, on one machine"
    assert facts["load on ours, well-behaved"] == "100 requests a second on each of: new, reused connections"
    assert "v4.2.4" in facts["helm create"]
    assert facts["machine"].startswith(f"{os.cpu_count()} cores, ")


def test_settings_in_one_line():
    given = {"survive": "zone", "autoscaling": {"enabled": True, "maxReplicas": 6}, "names": ["A", "B"], "none": {}}
    assert list(flat(given)) == ["survive zone", "autoscaling.enabled true", "autoscaling.maxReplicas 6", "names A B"]
