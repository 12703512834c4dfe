"""The way to a cluster that is there already: by a kubeconfig that the settings name, or by the stack that owns the cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from preflight import existing, referenced
from preflight.referenced import Outputs
from settings import ExistingCluster, StackReferenceCluster

KEY = "ha-backend:cluster"


@dataclass(frozen=True)
class Way:
    """How a cluster is reached, and what its owner says of it.

    ``access``: a kubeconfig with one context, ``context``, and nothing else; a secret. ``identifier``: the same for as long as
    it is the same cluster. ``zones``: those that its owner names; empty where only its nodes know. ``title``, ``zones_at`` and
    ``remedy``: for messages, what it is called, where its zones are named, and what to do where it does not answer.
    """

    access: str = field(repr=False)
    context: str
    identifier: str
    zones: tuple[str, ...]
    title: str
    zones_at: str
    remedy: str


def way(cluster: ExistingCluster | StackReferenceCluster, read: Callable[[str], Outputs]) -> Way:
    """The way that the settings describe; ``read`` gives the outputs of a stack. Raises PreflightError where there is none."""
    if isinstance(cluster, ExistingCluster):
        return Way(existing.access(cluster), cluster.context, cluster.identifier or cluster.context, tuple(cluster.zones),
                   f"context {cluster.context!r}", f"{KEY}.zones", "correct the context")
    said = referenced.said(cluster, read)
    return Way(said.access, said.context, said.identifier, said.zones, f"stack {cluster.stack!r}",
               f"{KEY}.stack: output 'zones' of {cluster.stack!r}", "deploy that stack again")


def answers(found: Way) -> None:
    """Raises PreflightError when the API server does not accept a connection within some seconds."""
    existing.answers(found.access, found.title, found.remedy)
