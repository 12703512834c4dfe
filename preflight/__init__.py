"""What must be true of this machine and of the cluster before anything is made. Knows no Pulumi and changes nothing.

A deployment that would fail half-way for a reason that can be known before is refused here, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from preflight import embedded, existing
from preflight.existing import access
from preflight.inventory import facts
from preflight.problems import PreflightError
from settings import ClusterSettings, LocalCluster

__all__ = ["PreflightError", "access", "check", "facts"]


def check(cluster: ClusterSettings, folder: Path, log: Callable[[str], None], images: Mapping[str, str] | None = None) -> None:
    """Makes sure that the cluster can be started (local) or answers (existing). Raises PreflightError otherwise.

    ``images`` are those of the backend's containers, by their keys: real nodes must have them.
    """
    if isinstance(cluster, LocalCluster):
        embedded.check(cluster, folder, log, images or {})
    else:
        existing.check(cluster)
