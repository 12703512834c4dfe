"""What is remembered of a cluster's processes once they are gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.devcluster import processes
from components.devcluster.errors import LocalError
from components.devcluster.nodes import leftovers
from components.devcluster.nodes.layout import Layout


def test_pid_files_of_the_dead_and_of_strangers_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    for name, text in (
        ("etcd", "4194999"),
        ("kwok-controller", str(os.getpid())),
        ("kube-apiserver", "77\n"),
        ("empty", ""),
    ):
        (pids / f"{name}.pid").write_text(text)
    monkeypatch.setattr(processes, "of_cluster", lambda _: [77])
    processes.forget_ended(tmp_path, tmp_path)
    assert [file.name for file in pids.iterdir()] == ["kube-apiserver.pid"]


def test_a_program_that_outlives_its_end_is_told_and_never_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "of_cluster", lambda _: [4194999])
    with pytest.raises(LocalError, match=r"did not end within 0 s of being killed: processes 4194999"):
        processes.end(tmp_path, seconds=0)


def test_logs_of_another_cluster_may_go_while_those_of_one_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, layout = tmp_path / "logs", Layout(tmp_path / "ours", ("zone-a",), 1)
    logs.mkdir()
    for name, folder in (("a", "ours"), ("b", "theirs"), ("c", "ours")):
        (logs / f"{name}.log").symlink_to(tmp_path / folder / "pod.log")
    real = Path.readlink

    def gone(link: Path) -> Path:
        if link.name == "b.log":
            link.unlink()  # as the other cluster's kubelet does
        return real(link)

    monkeypatch.setattr(leftovers, "_LOGS", logs)
    monkeypatch.setattr(Path, "readlink", gone)
    leftovers.end_cluster(layout)
    assert not logs.exists() or [*logs.iterdir()] == []
