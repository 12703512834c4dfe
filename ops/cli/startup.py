"""An embedded cluster that is only to be started, or to be given images, is so before a deployment is previewed.

The engine cannot know beforehand what a cluster is like that it has to start. A preview would take it for another one, and
everything on it for replaced, which is never true of a start.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from components.preflight import local
from components.runtime import folders, stack_file
from components.settings import ClusterSettings, LocalCluster, Site
from components.settings.stack import PROJECT
from ops.cli.rollback import Release
from ops.cli.run import Runner
from ops.cli.state import State

_ONLY = ["--skip-preview", "--target", "**:EmbeddedCluster::*"]


def awake(runner: Runner, state: State, back: Release, file: Path, log: Callable[[str], None]) -> bool:
    """Whether it runs. ``file`` is where the stack file may be written that this takes: the backend is the one of ``back``."""
    settings = stack_file.settings(state.project, state.stack)
    then = {site.name: site.cluster for site in back.settings.sites}
    if not any(
        _asleep(site, then.get(site.name), folders.cluster(state.project, state.stack, site.distinct), log)
        for site in settings.sites
    ):
        return True
    log("The embedded cluster is started, or given its images, first.")
    now, _ = stack_file.config(state.project, state.stack)
    replace(back, config={**back.config, **_clusters(back.config, now)}).write(file, state.file)
    return runner.carry_out(_ONLY, config=file) == 0


def _asleep(site: Site, before: ClusterSettings | None, folder: Path, log: Callable[[str], None]) -> bool:
    if not isinstance(site.cluster, LocalCluster):
        return False
    made = local.cluster(site.cluster, folder, log)
    return made.exists() and not (made.healthy() and site.cluster == before)


def _clusters(back: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The clusters as they are to be now, with the backends on them as they were: both releases have the same placements."""
    one, several = f"{PROJECT}:cluster", f"{PROJECT}:placements"
    if one in now:
        return {one: now[one]}
    clusters = [placement["cluster"] for placement in json.loads(now[several])]
    return {
        several: json.dumps(
            [
                {**placement, "cluster": cluster}
                for placement, cluster in zip(json.loads(back[several]), clusters, strict=True)
            ]
        )
    }
