"""Before an embedded cluster is made: its programs are here, its folder can be written, its port is free."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from local import binaries
from local.catalog import CLUSTER_PROGRAMS
from local.cluster import EmbeddedCluster
from local.errors import LocalError
from preflight.problems import PreflightError
from settings import LocalCluster


def check(settings: LocalCluster, folder: Path, log: Callable[[str], None]) -> None:
    """Obtains the programs where they are missing, which takes minutes once a machine. Raises PreflightError."""
    try:
        binaries.ensure(log, CLUSTER_PROGRAMS, settings.kubernetes)
        EmbeddedCluster(folder, settings.zones, settings.nodes_per_zone, settings.api_port, settings.kubernetes,
                        log).check_room()
    except LocalError as error:
        raise PreflightError(str(error)) from None
