"""`make up` killed with SIGKILL at any moment, then `make up` again: it ends well and nothing stays behind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from components.devcluster import processes


@pytest.mark.parametrize("after_seconds", [5, 14])
def test_up_goes_on_after_a_kill(project, after_seconds):
    project.write()
    begun = project.begin_make_up()
    time.sleep(after_seconds)
    os.killpg(begun.pid, signal.SIGKILL)  # make, python, pulumi and its plugins; the cluster's own processes live on
    begun.wait()

    again = project.make("up")
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert "3/3 Available" in again.stdout and "ScalingActive=True" in again.stdout

    ended = project.make("destroy")
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert processes.of_cluster(project.cluster.folder) == []
    assert not (project.folder / ".ha-backend").exists()
