"""The last good release of a stack: which settings it was made of, and how to go back to them.

The engine keeps a history of every stack beside its state: each update with its result, its configuration and its commit. An
update succeeds only where the running backend was found to keep its promise, so that the latest one that did is the last good
release. Nothing else has to be stored, and a machine that has never seen the stack before finds it as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.devcluster.kubeconfig import write_private
from components.settings import (
    ClusterApiCluster,
    ClusterSettings,
    LocalCluster,
    Settings,
    SettingsError,
    Site,
    StackReferenceCluster,
)
from components.settings.stack import PROJECT
from components.validation import validated_stack


@dataclass(frozen=True)
class Release:
    """One release that was good. ``config`` is the project's own part of the configuration, each value as text."""

    config: Mapping[str, str]
    settings: Settings
    when: str
    commit: str

    def __str__(self) -> str:
        return f"the release of {self.when}{f', commit {self.commit[:12]}' if self.commit else ''}"

    def write(self, file: Path, like: Path) -> None:
        """The stack file ``like`` with these settings in the place of its own; its secrets and its salt stay."""
        content = yaml.safe_load(like.read_text()) or {}
        kept = {key: value for key, value in (content.get("config") or {}).items() if not _ours(key)}
        write_private(
            file,
            yaml.safe_dump(
                {**content, "config": {**kept, **{key: _value(text) for key, text in self.config.items()}}},
                sort_keys=False,
            ),
        )


def way_back(history: Iterable[Mapping[str, Any]], now: Settings) -> Release | str:
    """The last good release, or why there is no way back to one, in one sentence. ``history`` begins with the latest."""
    found = _last_good(history)
    if found is None:
        return "no release of this stack has been good yet"
    config = {
        name: entry["value"]
        for name, entry in (found.get("config") or {}).items()
        if name.startswith(f"{PROJECT}:") and entry.get("value") is not None
    }
    try:
        settings = validated_stack(config)
    except SettingsError as error:
        return f"the settings of the last good release do not hold for the program as it is now ({_line(error)})"
    if [_where(site) for site in settings.sites] != [_where(site) for site in now.sites]:
        return (
            "the clusters are others than those of the last good release, or in another order, and to go back would "
            "replace them"
            if now.several or settings.several
            else "the cluster's own settings are others than those of the last good release, and to go back would replace it"
        )
    return Release(
        config, settings, str(found.get("startTime", "")), str((found.get("environment") or {}).get("git.head", ""))
    )


def _last_good(history: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    for update in history:
        if update["result"] == "succeeded" and update["kind"] in ("update", "destroy") and not _in_part(update):
            return update if update["kind"] == "update" else None
    return None


def _in_part(update: Mapping[str, Any]) -> bool:
    """Such an update has left the rest as it was, whatever its configuration says."""
    return any(f"pulumi.flag.{flag}" in (update.get("environment") or {}) for flag in ("target", "exclude"))


def _where(site: Site) -> tuple[str, bool, Mapping[str, Any]]:
    return site.name, site.adopted_from_cluster, _which(site.cluster)


def _which(cluster: ClusterSettings) -> Mapping[str, Any]:
    """The settings of which another value means another cluster."""
    if isinstance(cluster, LocalCluster):
        return cluster.model_dump(exclude={"images"})
    if isinstance(cluster, StackReferenceCluster):
        return cluster.model_dump()
    if isinstance(cluster, ClusterApiCluster):
        return {
            "kind": cluster.kind,
            "management": cluster.management.context,
            "namespace": cluster.namespace,
            "name": cluster.name,
        }
    return {"kind": cluster.kind, "identifier": cluster.identifier or cluster.context}


def _ours(key: str) -> bool:
    return ":" not in key or key.startswith(f"{PROJECT}:")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
