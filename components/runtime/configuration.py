"""Reads the engine's configuration into settings, and turns every problem into one clear message without a traceback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from .. import preflight
from ..availability import ClusterFacts
from ..preflight import PreflightError
from ..settings import ClusterApiCluster, LocalCluster, Settings, SettingsError, Site
from ..validation import validated_stack
from . import loading, stack_outputs

if TYPE_CHECKING:  # the commands around the engine read this file too, and need no Kubernetes resources
    from .. import Connection

RESUMING = "HA_BACKEND_RESUMING"  # set by `make up` for the one run that goes on after an interrupted one
FORCING = (
    "PULUMI_K8S_ENABLE_PATCH_FORCE"  # the Kubernetes provider's own: it takes fields back from whoever has set them
)
RENDERING = "HA_BACKEND_RENDERING"  # set while the program is evaluated without an engine


def settings() -> Settings:
    """The settings of the stack that is being run. Raises SettingsError."""
    return validated_stack(get_config_env(), get_config_secret_keys_env())


@dataclass(frozen=True)
class Surroundings:
    """What is known of a cluster that is there already: its kubeconfig, its identifier, and what was found there.

    Empty, and None, where only what the settings say is known. ``managed``: what its management cluster says.
    """

    access: str = field(default="", repr=False)
    identifier: str = ""
    facts: ClusterFacts | None = None
    managed: preflight.Managed | None = None


def surroundings(site: Site, folder: Path) -> Surroundings:
    """Refuses what could not work, before anything is registered.

    A rendering looks at nothing outside; an embedded cluster only matters when it is about to be made. Raises PreflightError.
    """
    cluster, backend = site.cluster, site.backend
    if os.environ.get(RENDERING):
        return Surroundings(managed=preflight.RENDERED if isinstance(cluster, ClusterApiCluster) else None)
    if isinstance(cluster, LocalCluster):
        if not pulumi.runtime.is_dry_run():
            preflight.check(cluster, folder, pulumi.log.info, backend.images)
        return Surroundings()
    if isinstance(cluster, ClusterApiCluster):
        found = preflight.managed(cluster, site.key)
        there = found.reachable(pulumi.log.warn)
        return Surroundings(facts=preflight.facts(there, backend, pulumi.log.warn) if there else None, managed=found)
    way = preflight.way(cluster, stack_outputs.outputs, site.key)
    preflight.answers(way)
    return Surroundings(way.access, way.identifier, preflight.facts(way, backend, pulumi.log.warn))


def inspecting(connection: Connection) -> Connection | None:
    """The connection where the running backend is to be asked whether it keeps its promise: in an `up`, and only there."""
    return None if os.environ.get(RENDERING) or pulumi.runtime.is_dry_run() else connection


def resuming() -> bool:
    """Whether objects that exist already are to be taken over, because an interrupted run may have made them."""
    return bool(os.environ.get(RESUMING))


def reporting(program: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Lets the program run when its main module has ended; what a user can act on is reported as it is, without frames."""
    os.environ.pop(
        FORCING, None
    )  # read by the provider's process; as an input it would be a change, and one more afterwards
    # The engine interrupts the program when something has failed; it has said what, and frames of a wait add nothing.
    sys.excepthook = lambda kind, error, trace: (
        None if kind is KeyboardInterrupt else sys.__excepthook__(kind, error, trace)
    )
    loading.stay()

    async def reported() -> None:
        try:
            # Each resource carries the frames up to its registration, into the engine's memory and the state; a task has few.
            await asyncio.create_task(program())
        except (SettingsError, PreflightError) as error:
            raise pulumi.RunError(str(error)) from None

    pulumi.run(reported)
