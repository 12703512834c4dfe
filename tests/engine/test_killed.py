"""`make up` killed with SIGKILL at any moment, then `make up` again: it succeeds, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from components.devcluster import processes
from tests.engine.conftest import Project

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("after_seconds", [5, 14])
def test_up_continues_after_a_kill(project: Project, after_seconds: int) -> None:
    project.write()
    running = project.start_make_up()
    time.sleep(after_seconds)
    os.killpg(
        running.pid, signal.SIGKILL
    )  # make, python, pulumi and its plugins; the processes of the cluster keep running
    running.wait()

    again = project.make("up")
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert "3/3 Available" in again.stdout and "ScalingActive=True" in again.stdout

    ended = project.make("destroy")
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert processes.of_cluster(project.cluster.folder) == []
    assert not (project.folder / ".ha-backend").exists()
