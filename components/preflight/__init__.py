"""What must be true of this machine and of the cluster before anything is made. Knows no Pulumi and changes nothing.

A deployment that would fail half-way for a reason that can be known before is refused here, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..settings import ClusterApiCluster, ClusterSettings, ExistingCluster, LocalCluster
from . import existing
from .existing import access
from .inventory import facts, look
from .management import RENDERED, Managed
from .problems import PreflightError
from .stack_outputs import Outputs, Unreadable
from .way import Way, answers, way

__all__ = [
    "RENDERED",
    "Managed",
    "Outputs",
    "PreflightError",
    "Unreadable",
    "Way",
    "access",
    "answers",
    "check",
    "facts",
    "look",
    "managed",
    "way",
]


def check(
    cluster: ClusterSettings, folder: Path, log: Callable[[str], None], images: Mapping[str, str] | None = None
) -> None:
    """Makes sure that the cluster can be started (local) or answers (existing). Raises PreflightError otherwise.

    ``images`` are those of the backend's containers, by their keys: real nodes must have them. A cluster that another stack
    owns is looked at where that stack's outputs are read.
    """
    if isinstance(cluster, LocalCluster):
        from . import local  # imported here: only those who start a cluster need what starts one

        local.check(cluster, folder, log, images or {})
    elif isinstance(cluster, ExistingCluster):
        existing.check(cluster)


def managed(cluster: ClusterApiCluster, key: str = existing.KEY) -> Managed:
    """What a management cluster says of a cluster that Cluster API makes. Raises PreflightError with every problem at once."""
    from . import cluster_api  # imported here: only those who have a cluster made need what it consists of

    return cluster_api.managed(cluster, key)
