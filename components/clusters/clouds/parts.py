"""What a cloud contributes to a cluster: the templates from which Cluster API creates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..machines import Workers

CONTROL_PLANE, INFRASTRUCTURE, BOOTSTRAP = (
    f"{group}.cluster.x-k8s.io" for group in ("controlplane", "infrastructure", "bootstrap")
)


@dataclass(frozen=True)
class Template:
    """An object from which Cluster API creates others. ``spec`` is the spec of the objects that it creates."""

    api_version: str
    kind: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Pool:
    """A pool of workers: how its machines join, and which machines they are."""

    workers: Workers
    bootstrap: Template
    machines: Template


@dataclass(frozen=True)
class Parts:
    """The templates of a cluster.

    ``machines`` is the template of control plane machines; None if the cloud runs the control plane. ``replicas`` is
    their number. ``autoscaler``: if the cloud manages each pool as a whole, over all zones, the value with which its
    provider learns who sets the number of machines. Empty if each zone has machines of its own.
    """

    infrastructure: Template
    control_plane: Template
    pools: tuple[Pool, ...]
    autoscaler: str = ""
    machines: Template | None = None
    replicas: int | None = None

    @property
    def managed(self) -> bool:
        """Whether the cloud manages each pool as a whole."""
        return bool(self.autoscaler)

    @property
    def created(self) -> tuple[str, ...]:
        """The resources whose conditions say how far the cluster is, as ``group/version/plural``."""
        pools = [pool.machines for pool in self.pools] if self.managed else []
        return tuple(
            dict.fromkeys(
                f"{each.api_version}/{each.kind.removesuffix('Template').lower()}s"
                for each in (self.control_plane, self.infrastructure, *pools)
            )
        )
