"""How to reach the API server of a registered cluster."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Connection:
    """A kubeconfig, as a secret output, and the context to use in it. None: its current context."""

    kubeconfig: pulumi.Output[str]
    context: str | None = None
