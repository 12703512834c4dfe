"""Reads the engine's configuration into settings, and turns every problem into one clear message without a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

import preflight
from preflight import PreflightError
from settings import ClusterSettings, ExistingCluster, LocalCluster, Settings, SettingsError, load

RESUMING = "HA_BACKEND_RESUMING"  # set by `make up` for the one run that goes on after an interrupted one
RENDERING = "HA_BACKEND_RENDERING"  # set while the program is evaluated without an engine


def settings() -> Settings:
    """The settings of the stack that is being run. Raises SettingsError."""
    return load(get_config_env(), get_config_secret_keys_env())


def surroundings(cluster: ClusterSettings, folder: Path) -> str:
    """Refuses what could not work, before anything is registered; gives the kubeconfig of an existing cluster.

    A rendering looks at nothing outside; an embedded cluster only matters when it is about to be made. Raises PreflightError.
    """
    if os.environ.get(RENDERING):
        return ""
    if not (isinstance(cluster, LocalCluster) and pulumi.runtime.is_dry_run()):
        preflight.check(cluster, folder, pulumi.log.info)
    return preflight.access(cluster) if isinstance(cluster, ExistingCluster) else ""


def resuming() -> bool:
    """Whether objects that exist already are to be taken over, because an interrupted run may have made them."""
    return bool(os.environ.get(RESUMING))


def reporting(program: Callable[[], None]) -> None:
    """Runs the program; what a user can act on is reported as it is, without frames."""
    try:
        program()
    except (SettingsError, PreflightError) as error:
        raise pulumi.RunError(str(error)) from None

