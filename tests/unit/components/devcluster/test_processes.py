"""Cleanup after a cluster's processes have ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.devcluster import processes
from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import leftovers
from components.devcluster.nodes.layout import Layout


def test_pid_files_of_ended_and_foreign_processes_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    processes.remove_stale_pid_files(tmp_path, tmp_path)
    assert [file.name for file in pids.iterdir()] == ["kube-apiserver.pid"]


def test_a_process_that_survives_sigkill_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "of_cluster", lambda _: [4194999])
    with pytest.raises(DevClusterError, match=r"did not end within 0 s of SIGKILL: 4194999"):
        processes.kill(tmp_path, seconds=0)


def test_logs_of_another_cluster_may_disappear_during_the_removal(
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
    leftovers.kill_cluster(layout)
    assert not logs.exists() or [*logs.iterdir()] == []
