"""What a look-up needs to know, and what it returns about a cluster that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..inspection.access import ClusterAccess
from ..settings import BackendSettings

CLUSTER_KEY, BACKEND_KEY = "ha-backend:cluster", "ha-backend:backend"


@dataclass(frozen=True)
class Outputs:
    """The outputs of a stack. Secret ones are plain text here, so the representation shows none."""

    values: Mapping[str, Any] = field(repr=False)


class UnreadableError(Exception):
    """The outputs of a stack cannot be read. The text is the engine's reason."""


def _no_engine(stack: str) -> Outputs:
    raise UnreadableError(f"{stack}: only Pulumi can read it")


def _silent(_: str) -> None:
    """Log nothing."""


@dataclass(frozen=True)
class LookUp:
    """On whose behalf a cluster is looked up, and by what means.

    ``key`` and ``backend_key`` start the keys of problems: by default those of a stack file. With a ``backend``, its
    settings are checked against the cluster. ``folder`` is the directory of an embedded cluster. ``starts`` is False
    if an embedded cluster is not about to be started, as in a preview. ``outputs`` reads the outputs of another stack.
    """

    key: str = CLUSTER_KEY
    backend: BackendSettings | None = None
    backend_key: str = BACKEND_KEY
    folder: Path = Path()
    starts: bool = True
    outputs: Callable[[str], Outputs] = _no_engine
    log: Callable[[str], None] = _silent
    warn: Callable[[str], None] = _silent


@dataclass(frozen=True)
class KnownCluster:
    """A cluster that exists: how to reach it, the zones that its owner names, and how messages refer to it.

    ``zones`` is empty if only the nodes tell. ``title`` names the cluster, and ``remedy`` is what helps if its API
    server does not answer. ``key`` is the key of its settings, and ``zones_key`` the place where its zones are named.
    """

    access: ClusterAccess
    zones: tuple[str, ...] = ()
    title: str = "the cluster"
    remedy: str = "correct the kubeconfig"
    key: str = CLUSTER_KEY
    zones_key: str = f"{CLUSTER_KEY}.zones"
