"""Tell the embedded clusters of a stack from those that live elsewhere."""

from __future__ import annotations

from typing import TypeGuard

from components.settings import ClusterSettings, LocalCluster


def is_embedded(cluster: ClusterSettings) -> TypeGuard[LocalCluster]:
    """Return whether the stack creates the cluster on this machine. Such a cluster has a folder and a kubeconfig."""
    return cluster.embedded
