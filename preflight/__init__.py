"""What must be true of this machine and of the cluster before anything is made. Knows no Pulumi and changes nothing.

A deployment that would fail half-way for a reason that can be known before is refused here, in words.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from preflight import existing
from preflight.existing import access
from preflight.inventory import facts
from preflight.problems import PreflightError
from settings import ClusterSettings, LocalCluster

__all__ = ["PreflightError", "access", "check", "facts"]


def check(cluster: ClusterSettings, folder: Path, log: Callable[[str], None], image: str | None = None) -> None:
    """Makes sure that the cluster can be started (local) or answers (existing). Raises PreflightError otherwise.

    ``image`` is the backend's: real nodes must have it.
    """
    if isinstance(cluster, LocalCluster):
        from preflight import embedded  # imported here: only those who start a cluster need what starts one

        embedded.check(cluster, folder, log, image)
    else:
        existing.check(cluster)
