"""An embedded cluster that is only to be started, or to be given images, is so before a deployment is previewed.

The engine cannot know beforehand what a cluster is like that it has to start. A preview would take it for another one, and
everything on it for replaced, which is never true of a start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.release import Release
from engine.run import Runner
from engine.state import State
from preflight import embedded
from program import folders, stackfile
from settings import LocalCluster
from settings.stack import PROJECT

_ONLY = ["--skip-preview", "--target", "**:EmbeddedCluster::*"]


def awake(runner: Runner, state: State, back: Release, file: Path, log: Callable[[str], None]) -> bool:
    """Whether it runs. ``file`` is where the stack file may be written that this takes: the backend is the one of ``back``."""
    cluster = stackfile.settings(state.project, state.stack).cluster
    if not isinstance(cluster, LocalCluster):
        return True
    made = embedded.cluster(cluster, folders.cluster(state.project, state.stack), log)
    if not made.exists() or (made.healthy() and cluster == back.settings.cluster):
        return True
    log("The embedded cluster is started, or given its images, first.")
    key = f"{PROJECT}:cluster"
    now, _ = stackfile.config(state.project, state.stack)
    replace(back, config={**back.config, key: now[key]}).write(file, state.file)
    return runner.carry_out(_ONLY, config=file) == 0
