"""Find the last good release of a stack: its settings, and how to deploy them again.

The engine keeps a history of every stack next to its state: each update with its result, its configuration and its
commit. An update succeeds only if the running backend keeps its promise, so the latest successful update is the last
good release. Nothing else has to be stored, and a machine that has never seen the stack finds it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.devcluster.kubeconfig import write_private
from components.settings import Settings, SettingsError, Site
from components.settings.stack import PROJECT
from components.validation import validated_stack


@dataclass(frozen=True)
class Release:
    """A good release. ``config`` is the project's own part of the configuration, each value as text."""

    config: Mapping[str, str]
    settings: Settings
    when: str
    commit: str

    def __str__(self) -> str:
        return f"the release of {self.when}{f', commit {self.commit[:12]}' if self.commit else ''}"

    def write(self, file: Path, like: Path) -> None:
        """Write the stack file ``like`` with these settings instead of its own. Its secrets and its salt stay."""
        content = yaml.safe_load(like.read_text()) or {}
        kept = {key: value for key, value in (content.get("config") or {}).items() if not _own(key)}
        write_private(
            file,
            yaml.safe_dump(
                {**content, "config": {**kept, **{key: _value(text) for key, text in self.config.items()}}},
                sort_keys=False,
            ),
        )


def rollback_target(history: Iterable[Mapping[str, Any]], now: Settings) -> Release | str:
    """Return the last good release, or why no rollback is possible. ``history`` begins with the latest update."""
    update = _last_good(history)
    if update is None:
        return "no release of this stack has succeeded yet"
    config = {
        name: entry["value"]
        for name, entry in (update.get("config") or {}).items()
        if name.startswith(f"{PROJECT}:") and entry.get("value") is not None
    }
    try:
        settings = validated_stack(config)
    except SettingsError as error:
        return f"this version of the program rejects the settings of the last good release ({_line(error)})"
    if [_place(site) for site in settings.sites] != [_place(site) for site in now.sites]:
        return (
            "the clusters or their order differ from those of the last good release, so a rollback would replace them"
            if now.several or settings.several
            else "the cluster's settings differ from those of the last good release, so a rollback would replace it"
        )
    return Release(
        config, settings, str(update.get("startTime", "")), str((update.get("environment") or {}).get("git.head", ""))
    )


def _last_good(history: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    for update in history:
        if update["result"] == "succeeded" and update["kind"] in ("update", "destroy") and not _partial(update):
            return update if update["kind"] == "update" else None
    return None


def _partial(update: Mapping[str, Any]) -> bool:
    """Return whether an update was limited to some resources, and left the others as they were."""
    return any(f"pulumi.flag.{flag}" in (update.get("environment") or {}) for flag in ("target", "exclude"))


def _place(site: Site) -> tuple[str, bool, Mapping[str, Any]]:
    return site.name, site.adopted_from_cluster, site.cluster.replacing()


def _own(key: str) -> bool:
    return ":" not in key or key.startswith(f"{PROJECT}:")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
