"""A run of drills: what it exits with and writes, on which stages, and that these are always cleared."""

from __future__ import annotations

import gzip
import json
import os
import signal

import pytest

from components.devcluster.errors import LocalError
from lab.drills.kube import DrillError
from lab.testbed import __main__ as program
from lab.testbed.runner import carry_out
from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN, result
from tests.support.fake_drills import EARLY, LOSSY, Once
from tests.support.fake_testbed import Stage


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


@pytest.mark.parametrize(
    ("found", "expected"),
    [([[result(GOOD, LOSSY)]], 1), ([DrillError("in vain")], 1), ([[result(GOOD, EARLY)], [result(GOOD, EARLY)]], 3)],
    ids=["broken", "failed", "not proved"],
)
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
    monkeypatch.setattr(
        program, "carry_out", lambda stage, *more: (first.append((stage, list(stage.did))), carry_out(stage, *more))[1]
    )
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
