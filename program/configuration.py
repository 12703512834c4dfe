"""Reads the engine's configuration into settings, and turns every problem into one clear message without a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

import preflight
from preflight import PreflightError
from settings import ClusterSettings, Settings, SettingsError, load

RENDERING = "HA_BACKEND_RENDERING"  # set while the program is evaluated without an engine


def settings() -> Settings:
    """The settings of the stack that is being run. Raises SettingsError."""
    return load(get_config_env(), get_config_secret_keys_env())


def check_surroundings(cluster: ClusterSettings, folder: Path) -> None:
    """Refuses what could not work, before anything is registered. Raises PreflightError.

    Not while rendering, which touches no cluster; an embedded one is only looked at when it is about to be made.
    """
    embedded_preview = cluster.kind == "local" and pulumi.runtime.is_dry_run()
    if not os.environ.get(RENDERING) and not embedded_preview:
        preflight.check(cluster, folder, lambda text: pulumi.log.info(text))


def reporting(program: Callable[[], None]) -> None:
    """Runs the program; what a user can act on is reported as it is, without frames."""
    try:
        program()
    except (SettingsError, PreflightError) as error:
        raise pulumi.RunError(str(error)) from None


__all__ = ["check_surroundings", "reporting", "settings"]
