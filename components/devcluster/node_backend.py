"""The nodes of an embedded cluster, as the cluster itself sees them: simulated ones here, real ones in ``components.devcluster.nodes``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import kwok_config
from .kwok_config import Outside

Programs = Mapping[str, Path]
Ask = Callable[..., str]


class Fleet(Protocol):
    """What a cluster asks of its nodes. Every step may be repeated after an interruption."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Programs that it needs, besides the cluster's own."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before the command that starts the control plane."""

    @property
    def words(self) -> str:
        """What kind of nodes these are."""

    def check(self) -> None:
        """Raises LocalError where this machine cannot have such nodes."""

    def prepare(self) -> Outside | None:
        """Before the control plane starts: gives the address under which it is to be reached, if not on loopback."""

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Adds the nodes to the control plane in ``home`` that runs; ``apply`` takes manifests to it."""

    def missing(self) -> str | None:
        """What of the nodes does not run, in words."""

    def silent(self, ask: Ask) -> str | None:
        """A node that does not answer, in words; ``ask`` is as for ``readiness.missing``."""

    def remove(self) -> None:
        """Leaves nothing of them."""


@dataclass(frozen=True)
class Simulated:
    """Nodes that are objects only; kwok answers for them. ``losable``: as long as they carry kwok_config.POWER_LABEL."""

    zones: list[str]
    per_zone: int
    kubernetes: str
    losable: bool = False
    needs: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    words: str = "simulated nodes"

    def check(self) -> None:
        """Any machine will do."""

    def prepare(self) -> Outside | None:
        """Nothing to prepare; everything is on loopback."""
        return None

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Makes the Node objects."""
        nodes = kwok_config.nodes(self.zones, self.per_zone, self.kubernetes, self.losable)
        apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))

    def missing(self) -> str | None:
        """Nothing runs for them that the cluster does not know of itself."""
        return None

    def silent(self, ask: Ask) -> str | None:
        """They answer as long as kwok runs."""
        return None

    def remove(self) -> None:
        """They go with the cluster's data."""
