"""How an embedded cluster gets its nodes: simulated ones here, real ones in ``nodes.backend``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import kwok_config
from .kwok_config import ApiServerAddresses

Programs = Mapping[str, Path]
"""Path of each program by its name."""
Kubectl = Callable[..., str]
"""Runs kubectl with the given arguments and returns its output; empty if it fails."""


class NodeBackend(Protocol):
    """The nodes of an embedded cluster. Every step can be repeated after an interruption."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the programs that the nodes need in addition to the cluster's own."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """Command prefix that starts the control plane where the nodes reach it."""

    @property
    def description(self) -> str:
        """The kind of nodes in words, such as "simulated nodes"."""

    def check(self) -> None:
        """Check that this machine supports such nodes. Raises DevClusterError if it does not."""

    def prepare(self) -> ApiServerAddresses | None:
        """Prepare the machine before the control plane starts; return its addresses unless it listens on loopback."""

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Add the nodes to the running control plane in ``home``. ``apply`` applies manifests to it."""

    def missing(self) -> str | None:
        """Return what part of the nodes does not run; None if all of it runs."""

    def unresponsive(self, kubectl: Kubectl) -> str | None:
        """Return which node does not respond; None if all of them do."""

    def remove(self) -> None:
        """Remove the nodes and everything that belongs to them."""


@dataclass(frozen=True)
class SimulatedNodes:
    """Nodes that exist as API objects only: kwok reports their status and that of their pods."""

    zones: list[str]
    per_zone: int
    kubernetes: str
    losable: bool = False
    """Whether a node is lost when its label ``kwok_config.POWER_LABEL`` is removed."""
    programs: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    description: str = "simulated nodes"

    def check(self) -> None:
        """Accept every machine."""

    def prepare(self) -> ApiServerAddresses | None:
        """Return None: the control plane listens on loopback."""
        return None

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Create the Node objects."""
        nodes = kwok_config.node_objects(self.zones, self.per_zone, self.kubernetes, self.losable)
        apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))

    def missing(self) -> str | None:
        """Return None: no process runs for a simulated node."""
        return None

    def unresponsive(self, kubectl: Kubectl) -> str | None:
        """Return None: the nodes respond as long as kwok runs."""
        return None

    def remove(self) -> None:
        """Do nothing: the nodes are part of the cluster's data."""
