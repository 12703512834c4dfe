"""The way to a cluster that is there already: by a kubeconfig that the settings name, or by the stack that owns the cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..settings import ClusterApiCluster, ExistingCluster, StackReferenceCluster
from . import existing, stack_outputs
from .existing import KEY
from .problems import PreflightError
from .stack_outputs import Outputs


@dataclass(frozen=True)
class Way:
    """How a cluster is reached, and what its owner says of it.

    ``access``: a kubeconfig with one context, ``context``, and nothing else; a secret. ``identifier``: the same for as long as
    it is the same cluster. ``zones``: those that its owner names; empty where only its nodes know.

    For messages: ``title`` and ``remedy``, what it is called and what to do where it does not answer; ``key`` and ``zones_at``,
    where the settings of the cluster are, and where its zones are named.
    """

    access: str = field(repr=False)
    context: str
    identifier: str
    zones: tuple[str, ...]
    title: str
    remedy: str
    zones_at: str
    key: str = KEY


def way(
    cluster: ExistingCluster | StackReferenceCluster | ClusterApiCluster, read: Callable[[str], Outputs], key: str = KEY
) -> Way:
    """The way that the settings describe; ``read`` gives the outputs of a stack. Raises PreflightError where there is none."""
    if isinstance(cluster, ExistingCluster):
        return Way(
            existing.access(cluster, key),
            cluster.context,
            cluster.identifier or cluster.context,
            tuple(cluster.zones),
            f"context {cluster.context!r}",
            "correct the context",
            f"{key}.zones",
            key,
        )
    if isinstance(cluster, ClusterApiCluster):
        from . import cluster_api  # it makes a Way itself

        if found := cluster_api.managed(cluster, key).way:
            return found
        raise PreflightError(f"{key}.name: the cluster {cluster.name!r} is not made yet: make it first (make up)")
    said = stack_outputs.said(cluster, read, key)
    return Way(
        said.access,
        said.context,
        said.identifier,
        said.zones,
        f"stack {cluster.stack!r}",
        "deploy that stack again",
        f"{key}.stack: output 'zones' of {cluster.stack!r}",
        key,
    )


def answers(found: Way) -> None:
    """Raises PreflightError when the API server does not accept a connection within some seconds."""
    existing.answers(found.access, found.key, found.title, found.remedy)
