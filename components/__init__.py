"""A cluster, and a highly available backend that runs on it, as Pulumi components.

This is the library's public interface. Import from here; everything else may change without notice. In a checkout the
package is called ``components``; the wheel installs it as ``ha_backend``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .availability import ClusterFacts
    from .backend import HighlyAvailableBackend
    from .cluster import Cluster
    from .connection import Connection
    from .multi_cluster import Across, across
    from .preflight import PreflightError, access
    from .settings import (
        BackendSettings,
        ClusterSettings,
        ExistingCluster,
        LocalCluster,
        SettingsError,
        StackReferenceCluster,
    )
    from .shared_namespace import SharedNamespace

__all__ = [
    "Across",
    "BackendSettings",
    "Cluster",
    "ClusterFacts",
    "ClusterSettings",
    "Connection",
    "ExistingCluster",
    "HighlyAvailableBackend",
    "LocalCluster",
    "PreflightError",
    "SettingsError",
    "SharedNamespace",
    "StackReferenceCluster",
    "access",
    "across",
]

# Loaded on first use: the commands that only read settings need no Kubernetes SDK, whose import takes longest.
_MODULES = {
    "availability": ["ClusterFacts"],
    "backend": ["HighlyAvailableBackend"],
    "cluster": ["Cluster"],
    "connection": ["Connection"],
    "preflight": ["PreflightError", "access"],
    "settings": [
        "BackendSettings",
        "ClusterSettings",
        "ExistingCluster",
        "LocalCluster",
        "SettingsError",
        "StackReferenceCluster",
    ],
    "multi_cluster": ["Across", "across"],
    "shared_namespace": ["SharedNamespace"],
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
