"""The way to a cluster's API server, for what no provider asks."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Connection:
    """A kubeconfig, as a secret, and the context to use in it (None: its current one)."""

    kubeconfig: pulumi.Output[str]
    context: str | None = None
