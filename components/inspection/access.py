"""The way to a cluster that somebody else has made."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Access:
    """``kubeconfig``: full access, a secret. ``identity``: another one whenever the cluster is made anew."""

    kubeconfig: str = field(repr=False)
    identity: str
