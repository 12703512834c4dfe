"""Reads the engine's configuration and environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from ..settings import Settings
from ..validation import validated_stack

if TYPE_CHECKING:
    from ..connection import Connection

RESUMING = "HA_BACKEND_RESUMING"  # `make up` sets it for a run that continues an interrupted one
RENDERING = "HA_BACKEND_RENDERING"  # set while the program runs without an engine, to render manifests


def settings() -> Settings:
    """Return the settings of the running stack. Raises SettingsError."""
    return validated_stack(get_config_env(), get_config_secret_keys_env())


def rendering() -> bool:
    """Return whether the program only renders manifests, and contacts nothing."""
    return bool(os.environ.get(RENDERING))


def resuming() -> bool:
    """Return whether to take over objects that exist already, because an interrupted run may have created them."""
    return bool(os.environ.get(RESUMING))


def for_verification(connection: Connection) -> Connection | None:
    """Return the connection if the running backend is to be verified: in an `up`, and only there."""
    return None if rendering() or pulumi.runtime.is_dry_run() else connection
