"""A run of drills: what goes wrong with one ends neither the run nor its report, and the stage is always cleared."""

from __future__ import annotations

import gzip
import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drills.drill import ENGINE, PROXY, Drill
from drills.kube import DrillError
from drills.report.content import Failed
from engine.find import Engine
from local.errors import LocalError
from stage import __main__ as program
from stage import mend
from stage.about import about, flat
from stage.carry_out import Done, carry_out
from stage.mend import StageLost, ready
from tests.unit.acted import Stage, node
from tests.unit.recorded import between, recording, stream
from tests.unit.results import DRILL, GOOD, NAIVE, PLAIN, result

KEPT = [result(subject) for subject in (GOOD, NAIVE, PLAIN)]  # measured once
LOSSY, EARLY = recording(stream(lost=between(6, 7))), recording(stream(lost=between(1, 2)))


def drill(name: str, *needs: str) -> Drill:
    return replace(DRILL, name=name, title=f"the {name}", needs=frozenset(needs))


def kept(one: Drill) -> list:
    return [replace(found, drill=one) for found in KEPT]


@pytest.fixture
def calm(monkeypatch):
    """What ``steady`` raises, one after the other; then nothing any more."""
    raised: list[Exception | None] = []

    def steady(scene):
        assert [backend.title for backend in scene.backends] == [GOOD.title, NAIVE.title, PLAIN.title]
        if error := raised.pop(0) if raised else None:
            raise error

    monkeypatch.setattr(mend, "steady", steady)
    return raised


class Once:
    """Gives out what is listed for each drill, one attempt after the other; an exception is raised."""

    def __init__(self, **found) -> None:
        self.found, self.tried = found, []

    def __call__(self, one):
        self.tried.append(one.name)
        found = self.found.get(one.name, [kept(one)]).pop(0)
        if isinstance(found, BaseException):
            raise found
        return found


def carried(stage, drills, once):
    done, said = Done(), []
    carry_out(stage, drills, once, said.append, done)
    return done, said


def test_each_subject_has_a_line_with_its_figures(calm):
    once = Once(drain=[[result(GOOD, recording(stream(), stream("reused"))), result(NAIVE, LOSSY), result(PLAIN, LOSSY)]])
    done, said = carried(Stage(), [drill("rollout"), drill("drain")], once)
    assert [found[0].drill.name for found in done.results] == ["rollout", "drain"]
    assert said[0] == "drill 1 of 2, rollout: the rollout"
    assert said[5:] == [
        "  ours, well-behaved: ✓ kept; failed: new 0 of 1,500, reused 0 of 1,500; capacity never lower",
        "  ours, naive: ✕ broken; failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower",
        "    new connections: 100 of 1,500 requests failed, promised are at most 0",
        "  plain manifest: failed: new 100 of 1,500 (6.7 %), 2.0 s; capacity never lower"]


def test_what_proves_nothing_is_tried_once_more(calm):
    def doubtful():
        return [result(GOOD, EARLY), result(NAIVE)]

    once = Once(drain=[doubtful(), kept(drill("drain"))], kill=[doubtful(), doubtful()])
    done, said = carried(Stage(), [drill("drain"), drill("kill")], once)
    assert once.tried == ["drain", "drain", "kill", "kill"]
    assert done.remarks["drain"].startswith("tried again: the first time nothing was proved (ours, well-behaved: new conn")
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
    assert [found.why for found in done.results if isinstance(found, Failed)] == ["waited in vain for a1", "KeyError: 'pod'"]
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
    mend.mend(stage, {one.name: one.wish for one in stage.backends}, said.append)
    assert stage.did == ["open b1"] and "mending control plane failed: no port" in said
    assert NAIVE.changes


def test_a_lost_stage_ends_the_run(calm):
    calm[:] = [None, DrillError("gone"), DrillError("gone")]
    once = Once()
    done, said = carried(Stage(), [drill("rollout"), drill("drain"), drill("kill")], once)
    assert once.tried == ["rollout"] and "beyond repair" in done.lost
    assert [one.name for one in done.skipped] == ["drain", "kill"]
    assert said[-1].startswith("error: the stage is beyond repair")


@pytest.fixture
def run(calm, monkeypatch, tmp_path):
    """The whole program on a stage without a cluster; ``once`` is what becomes of each drill. Gives the code and the stage."""
    made: list[Stage] = []

    def setting(*given):
        made.append(Stage(*given))
        return made[-1]

    def second(*given):
        assert not made or made[-1].did[-1] in ("close", "deploy")
        stage = setting(*given)
        stage.engine, stage.about = Engine("/pulumi", "3.250.0"), [("cluster-loss", "two clusters")]
        return stage

    class AtSite(Stage):
        def __init__(self, *given):
            super().__init__(*given)
            assert not made or made[-1].did[-1] == "close"
            self.about = [("edge-link", "a site")]
            made.append(self)

    def call(once, *words, setting=setting, pulumi=""):
        made.clear()
        monkeypatch.setattr(program, "PROJECT", tmp_path)
        monkeypatch.setattr(program, "Several", second)
        monkeypatch.setattr(program, "Site", AtSite)
        monkeypatch.setattr(program.several, "lacks", lambda project, log: pulumi)
        monkeypatch.setattr(program, "Stage", setting)
        monkeypatch.setattr(program.binaries, "ensure", lambda log, names: {"vegeta": tmp_path / "vegeta"})
        monkeypatch.setattr(program.run, "run", lambda one, backends, ground, vegeta, log: once(one))
        return program.main(["--report", str(tmp_path / "report"), *words]), made[-1] if made else None

    return call


def test_all_kept_is_0_and_the_report_is_written(run, tmp_path, capsys):
    code, stage = run(Once(), "--drill", "rollout,drain", "--rivals", "plain", "--recordings")
    out, err = capsys.readouterr()
    assert code == 0 and stage.did == ["deploy", "close"] and stage.given[3] == ("plain",)
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["totals"] == {"kept": 2, "broken": 0, "invalid": 0}
    assert found["about"]["Kubernetes"].startswith("v1.36.3, 0 real nodes")
    recordings = json.loads(gzip.decompress((tmp_path / "report" / "recordings.json.gz").read_bytes()))
    assert len(recordings) == 6
    assert "<h1>Failure drills" in (tmp_path / "report" / "report.html").read_text()
    assert str(tmp_path / "report" / "report.html") in out and "\n| drill | promised |" in out
    assert "drill 2 of 2, drain" in err and "drill" not in out.split("| drill |")[0].replace("report", "")


@pytest.mark.parametrize(("found", "expected"), [
    ([[result(GOOD, LOSSY)]], 1), ([DrillError("in vain")], 1), ([[result(GOOD, EARLY)], [result(GOOD, EARLY)]], 3)],
    ids=["broken", "failed", "not proved"])
def test_what_is_not_kept_is_1_and_what_is_not_proved_is_3(run, tmp_path, found, expected):
    code, stage = run(Once(drain=found), "--drill", "rollout,drain")
    assert code == expected and stage.did[-1] == "close"
    assert json.loads((tmp_path / "report" / "report.json").read_text())["totals"]["kept"] == 1


def test_what_was_asked_for_by_name_may_not_be_skipped(run, tmp_path):
    assert run(Once(), "--drill", "drain,killed-up")[0] == 1
    assert json.loads((tmp_path / "report" / "report.json").read_text())["skipped"][0]["name"] == "killed-up"


def test_among_all_of_them_it_may(run):
    assert run(Once())[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_from_outside_the_stage_is_cleared_and_the_report_written(run, tmp_path, capsys, number):
    class Ending(Once):
        def __call__(self, one):
            if one.name == "kill":
                os.kill(os.getpid(), number)
            return super().__call__(one)

    before = signal.getsignal(number)
    code, stage = run(Ending(), "--drill", "drain,kill,hang")
    assert code == 128 + number and stage.did == ["deploy", "close"]
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [one["name"] for one in found["drills"]] == ["drain"]
    assert [one["name"] for one in found["skipped"]] == ["kill", "hang"]
    assert "once more: at once" in capsys.readouterr().err
    assert signal.getsignal(number) == before


def test_a_signal_does_not_cut_the_report_short(run, tmp_path, monkeypatch):
    def publish(*given):
        os.kill(os.getpid(), signal.SIGINT)
        return []

    monkeypatch.setattr(program, "publish", publish)
    code, stage = run(Once(), "--drill", "drain")
    assert code == 0 and stage.did == ["deploy", "close"]


def test_kept_is_not_removed(run, capsys):
    code, stage = run(Once(), "--drill", "drain", "--keep")
    assert code == 0 and stage.did == ["deploy"]
    assert "the cluster is kept: /the/kubeconfig" in capsys.readouterr().err


def test_what_takes_several_clusters_has_a_stage_of_its_own_once_the_first_is_cleared(run, tmp_path, monkeypatch):
    first = []
    monkeypatch.setattr(program, "carry_out", lambda stage, *more: (first.append((stage, list(stage.did))),
                                                                    carry_out(stage, *more))[1])
    code, last = run(Once(), "--drill", "cluster-loss,drain", "--rivals", "plain")
    assert code == 0 and len(first) == 2 and first[0][0].did == ["deploy", "close"]
    assert last is first[1][0] and last.did == ["deploy", "close"]
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [one["name"] for one in found["drills"]] == ["drain", "cluster-loss"]
    assert found["about"]["cluster-loss"] == "two clusters" and "Kubernetes" in found["about"]
    assert "whether it lives or not" in found["drills"][1]["remark"]


@pytest.mark.parametrize("drills", ["edge-link", "edge-link,drain"])
def test_an_edge_site_is_a_stage_of_its_own(run, tmp_path, drills):
    once = Once()
    code, stage = run(once, "--drill", drills)
    assert code == 0 and stage.did == ["deploy", "close"] and once.tried == drills.split(",")[::-1]
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["about"]["edge-link"] == "a site" and "Kubernetes" in found["about"]
    assert [one["title"] for one in found["drills"][-1]["outcomes"]] == [GOOD.title, NAIVE.title, PLAIN.title]


def test_alone_it_needs_no_other_stage(run, tmp_path):
    code, stage = run(Once(), "--drill", "cluster-loss", "--rivals", "none")
    assert code == 0 and stage.did == ["deploy", "close"]
    found = json.loads((tmp_path / "report" / "report.json").read_text())
    assert found["drills"][0]["remark"] == "" and found["about"]["Kubernetes"].startswith("v1.36.3")


def test_without_pulumi_no_second_cluster_is_made(run, tmp_path):
    code, stage = run(Once(), "--drill", "cluster-loss", pulumi="it needs pulumi, which is not here")
    assert code == 1 and stage is None
    assert run(Once(), pulumi="it needs pulumi, which is not here")[0] == 0
    skipped = json.loads((tmp_path / "report" / "report.json").read_text())["skipped"]
    assert {"name": "cluster-loss", "why": "it needs pulumi, which is not here"} in skipped


def test_a_stage_that_cannot_be_set_is_one_clear_error(run, tmp_path, capsys):
    def no_root(*_):
        raise LocalError("real nodes need root")

    code, _ = run(Once(), "--drill", "drain", setting=no_root)
    assert code == 1 and "error: the stage could not be set: real nodes need root" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_report_that_cannot_be_written_leaves_no_cluster(run, monkeypatch, capsys):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(program, "publish", full)
    code, stage = run(Once(), "--drill", "drain")
    assert code == 1 and stage.did[-1] == "close" and "no space left" in capsys.readouterr().err


def test_an_unknown_name_is_told_before_anything_is_made(run, capsys):
    code, stage = run(Once(), "--drill", "drian")
    assert code == 2 and stage is None and capsys.readouterr().err.startswith("error: --drill: 'drian' is not known")


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
