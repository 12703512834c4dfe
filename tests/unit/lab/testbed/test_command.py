"""A run of drills: its exit codes, its files, its testbeds, and that these are always removed."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.errors import DevClusterError
from lab.drills.drill import Drill
from lab.drills.kube import DrillError
from lab.drills.run import Result
from lab.testbed import __main__ as program
from lab.testbed.runner import run_drills
from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN, result
from tests.support.fake_drills import EARLY, LOSSY, FakeRun
from tests.support.fake_testbed import FakeTestbed

NO_PULUMI = "it needs pulumi, which is not installed"


class Command:
    """The whole program on testbeds without a cluster. ``testbed`` is the last one; None if there was none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.monkeypatch, self.folder = monkeypatch, folder
        self.testbeds: list[FakeTestbed] = []

    @property
    def testbed(self) -> FakeTestbed:
        return self.testbeds[-1]

    @property
    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "report" / "report.json").read_text())
        return content

    def nodes(self, *arguments: Any) -> FakeTestbed:
        self.testbeds.append(FakeTestbed(*arguments))
        return self.testbed

    def clusters(self, *arguments: Any) -> FakeTestbed:
        assert not self.testbeds or self.testbed.calls[-1] in ("close", "deploy")
        testbed = self.nodes(*arguments)
        testbed.engine, testbed.about = Engine("/pulumi", "3.250.0"), [("cluster-loss", "two clusters")]
        return testbed

    def __call__(
        self, run_drill: FakeRun, *words: str, nodes: Callable[..., FakeTestbed] | None = None, missing: str = ""
    ) -> int:
        command = self
        command.testbeds.clear()

        class Site(FakeTestbed):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                assert not command.testbeds or command.testbed.calls[-1] == "close"
                self.about = [("edge-link", "a site")]
                command.testbeds.append(self)

        def run(drill: Drill, *_: Any) -> list[Result]:
            return run_drill(drill)

        for name, value in (
            ("PROJECT", self.folder),
            ("MultiClusterTestbed", self.clusters),
            ("SiteTestbed", Site),
            ("NodesTestbed", nodes or self.nodes),
        ):
            self.monkeypatch.setattr(program, name, value)
        self.monkeypatch.setattr("lab.testbed.multi_cluster.unsupported_reason", lambda project, log: missing)
        vegeta = {"vegeta": self.folder / "vegeta"}
        self.monkeypatch.setattr("components.devcluster.binaries.ensure", lambda log, names: vegeta)
        self.monkeypatch.setattr("lab.drills.run.run", run)
        return program.main(["--report", str(self.folder / "report"), *words])


@pytest.fixture
def command(calm: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    return Command(monkeypatch, tmp_path)


def test_all_kept_is_0_and_the_report_is_written(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command(FakeRun(), "--drill", "rollout,drain", "--baselines", "plain", "--recordings")
    out, err = capsys.readouterr()
    assert code == 0 and command.testbed.calls == ["deploy", "close"] and command.testbed.arguments[3] == ("plain",)
    assert command.report["totals"] == {"kept": 2, "broken": 0, "invalid": 0}
    assert command.report["about"]["Kubernetes"].startswith("v1.36.3, 0 real nodes")
    recordings = json.loads(gzip.decompress((tmp_path / "report" / "recordings.json.gz").read_bytes()))
    assert len(recordings) == 6
    assert "<h1>Failure drills" in (tmp_path / "report" / "report.html").read_text()
    assert str(tmp_path / "report" / "report.html") in out and "\n| drill | promised |" in out
    assert "drill 2 of 2, drain" in err and "drill" not in out.split("| drill |")[0].replace("report", "")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [([[result(GOOD, LOSSY)]], 1), ([DrillError("in vain")], 1), ([[result(GOOD, EARLY)], [result(GOOD, EARLY)]], 3)],
    ids=["broken", "failed", "inconclusive"],
)
def test_a_broken_promise_is_1_and_an_inconclusive_drill_is_3(
    command: Command, outcomes: list[Any], expected: int
) -> None:
    assert command(FakeRun(drain=list(outcomes)), "--drill", "rollout,drain") == expected
    assert command.testbed.calls[-1] == "close" and command.report["totals"]["kept"] == 1


def test_a_named_drill_may_not_be_skipped(command: Command) -> None:
    assert command(FakeRun(), "--drill", "drain,killed-up") == 1
    assert command.report["skipped"][0]["name"] == "killed-up"


def test_among_all_drills_one_may_be_skipped(command: Command) -> None:
    assert command(FakeRun()) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_a_signal_the_testbed_is_removed_and_the_report_written(
    command: Command, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    class Interrupting(FakeRun):
        def __call__(self, one: Drill) -> list[Result]:
            if one.name == "kill":
                os.kill(os.getpid(), number)
            return super().__call__(one)

    before = signal.getsignal(number)
    assert command(Interrupting(), "--drill", "drain,kill,hang") == 128 + number
    assert command.testbed.calls == ["deploy", "close"]
    assert [one["name"] for one in command.report["drills"]] == ["drain"]
    assert [one["name"] for one in command.report["skipped"]] == ["kill", "hang"]
    assert "send it again to end at once" in capsys.readouterr().err
    assert signal.getsignal(number) == before


def test_a_signal_does_not_interrupt_writing_the_report(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(*_: Any) -> list[Path]:
        os.kill(os.getpid(), signal.SIGINT)
        return []

    monkeypatch.setattr(program, "publish", publish)
    assert command(FakeRun(), "--drill", "drain") == 0 and command.testbed.calls == ["deploy", "close"]


def test_a_kept_cluster_is_not_removed(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(FakeRun(), "--drill", "drain", "--keep") == 0 and command.testbed.calls == ["deploy"]
    assert "keeping the cluster: /the/kubeconfig" in capsys.readouterr().err


def test_drills_on_several_clusters_have_their_own_testbed_after_the_first_is_removed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[tuple[FakeTestbed, list[str]]] = []

    def record(testbed: FakeTestbed, *more: Any) -> None:
        starts.append((testbed, list(testbed.calls)))
        run_drills(testbed, *more)

    monkeypatch.setattr(program, "run_drills", record)
    assert command(FakeRun(), "--drill", "cluster-loss,drain", "--baselines", "plain") == 0
    assert len(starts) == 2 and starts[0][0].calls == ["deploy", "close"]
    assert command.testbed is starts[1][0] and command.testbed.calls == ["deploy", "close"]
    assert [one["name"] for one in command.report["drills"]] == ["drain", "cluster-loss"]
    about = command.report["about"]
    assert about["cluster-loss"] == "two clusters" and "Kubernetes" in about
    assert "whatever its state" in command.report["drills"][1]["remark"]


@pytest.mark.parametrize("drills", ["edge-link", "edge-link,drain"])
def test_an_edge_site_is_a_testbed_of_its_own(command: Command, drills: str) -> None:
    run_drill = FakeRun()
    assert command(run_drill, "--drill", drills) == 0
    assert command.testbed.calls == ["deploy", "close"] and run_drill.attempts == drills.split(",")[::-1]
    about = command.report["about"]
    assert about["edge-link"] == "a site" and "Kubernetes" in about
    titles = [one["title"] for one in command.report["drills"][-1]["outcomes"]]
    assert titles == [GOOD.title, NAIVE.title, PLAIN.title]


def test_a_drill_on_several_clusters_alone_needs_no_other_testbed(command: Command) -> None:
    assert command(FakeRun(), "--drill", "cluster-loss", "--baselines", "none") == 0
    assert command.testbed.calls == ["deploy", "close"]
    assert command.report["drills"][0]["remark"] == ""
    assert command.report["about"]["Kubernetes"].startswith("v1.36.3")


def test_without_pulumi_no_second_cluster_is_created(command: Command) -> None:
    assert command(FakeRun(), "--drill", "cluster-loss", missing=NO_PULUMI) == 1 and not command.testbeds
    assert command(FakeRun(), missing=NO_PULUMI) == 0
    assert {"name": "cluster-loss", "reason": NO_PULUMI} in command.report["skipped"]


def test_a_testbed_that_cannot_be_set_up_is_one_clear_error(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_root(*_: Any) -> FakeTestbed:
        raise DevClusterError("real nodes need root")

    assert command(FakeRun(), "--drill", "drain", nodes=no_root) == 1
    assert "error: the testbed could not be set up: real nodes need root" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_report_that_cannot_be_written_leaves_no_cluster(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(program, "publish", full)
    assert command(FakeRun(), "--drill", "drain") == 1 and command.testbed.calls[-1] == "close"
    assert "no space left" in capsys.readouterr().err


def test_an_unknown_name_is_reported_before_anything_is_created(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(FakeRun(), "--drill", "drian") == 2 and not command.testbeds
    assert capsys.readouterr().err.startswith("error: --drill: 'drian' is invalid")
