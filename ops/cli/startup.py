"""Start an embedded cluster, or load images into it, before a deployment is previewed.

The engine cannot know in advance what a cluster that it has to start looks like. The preview would treat it as another
cluster, and report everything on it as replaced, which a start never does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from components import folders
from components.runtime import stack_file
from components.settings import ClusterSettings, Site
from components.settings.stack import PROJECT
from ops.cli.embedded import is_embedded
from ops.cli.rollback import Release
from ops.cli.run import Runner
from ops.cli.state import State

_CLUSTERS_ONLY = ["--skip-preview", "--target", "**:EmbeddedCluster::*"]


def start_clusters(runner: Runner, state: State, release: Release, file: Path, log: Callable[[str], None]) -> bool:
    """Start the stack's embedded clusters if needed, and return whether they run.

    ``file`` receives the stack file for this step: the clusters of today with the backend of ``release``.
    """
    settings = stack_file.settings(state.project, state.stack)
    former = {site.name: site.cluster for site in release.settings.sites}
    if not any(
        _needs_start(site, former.get(site.name), folders.cluster(state.project, state.stack, site.distinct), log)
        for site in settings.sites
    ):
        return True
    log("First, the embedded cluster is started or loads its images.")
    now, _ = stack_file.config(state.project, state.stack)
    replace(release, config={**release.config, **_clusters(release.config, now)}).write(file, state.file)
    return runner.update(_CLUSTERS_ONLY, config=file) == 0


def _needs_start(site: Site, before: ClusterSettings | None, folder: Path, log: Callable[[str], None]) -> bool:
    if not is_embedded(site.cluster):
        return False
    embedded = site.cluster.cluster(folder, log)
    return embedded.exists() and not (embedded.healthy() and site.cluster == before)


def _clusters(release: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration of today's clusters with the former backends. Both releases have the same placements."""
    one, several = f"{PROJECT}:cluster", f"{PROJECT}:placements"
    if one in now:
        return {one: now[one]}
    clusters = [placement["cluster"] for placement in json.loads(now[several])]
    return {
        several: json.dumps(
            [
                {**placement, "cluster": cluster}
                for placement, cluster in zip(json.loads(release[several]), clusters, strict=True)
            ]
        )
    }
