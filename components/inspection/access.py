"""How to reach a cluster."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClusterAccess:
    """How to reach a cluster.

    ``kubeconfig`` is a secret and is not part of the representation. ``context`` is the context to use in it; None: its
    current context. ``identifier`` stays the same for as long as it is the same cluster.
    """

    kubeconfig: str = field(repr=False)
    context: str | None
    identifier: str
