"""What a cloud contributes to a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...settings.cluster_api import Workers

CONTROL_PLANE, INFRASTRUCTURE, BOOTSTRAP = (
    f"{group}.cluster.x-k8s.io" for group in ("controlplane", "infrastructure", "bootstrap")
)


@dataclass(frozen=True)
class Template:
    """An object that Cluster API makes others from. ``spec`` is that of what is made."""

    api_version: str
    kind: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Pool:
    """Workers of one kind: how their machines are prepared, and what machines they are."""

    workers: Workers
    bootstrap: Template
    machines: Template


@dataclass(frozen=True)
class Parts:
    """``machines``: those of the control plane, None where the cloud runs it itself; ``replicas`` is their number.

    ``autoscaler``: where the cloud runs each pool as a whole, over all zones, the name by which its provider knows who sets
    the number of machines; another name it refuses. Empty where every zone has machines of its own.
    """

    infrastructure: Template
    control_plane: Template
    pools: tuple[Pool, ...]
    autoscaler: str = ""
    machines: Template | None = None
    replicas: int | None = None

    @property
    def managed(self) -> bool:
        """Whether the cloud runs each pool as a whole."""
        return bool(self.autoscaler)


def autoscaled(pool: Workers) -> bool:
    """Whether something else sets the number of machines, within the bounds of the settings."""
    return pool.max_machines_per_zone is not None and pool.max_machines_per_zone > pool.machines_per_zone
