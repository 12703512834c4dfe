"""What is remembered of a cluster's processes once they are gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local import processes


def test_pid_files_of_the_dead_and_of_strangers_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    for name, text in (("etcd", "4194999"), ("kwok-controller", str(os.getpid())), ("kube-apiserver", "77\n"), ("empty", "")):
        (pids / f"{name}.pid").write_text(text)
    monkeypatch.setattr(processes, "of_cluster", lambda _: [77])
    processes.forget_ended(tmp_path, tmp_path)
    assert [file.name for file in pids.iterdir()] == ["kube-apiserver.pid"]
