"""A cluster, and a highly available backend that runs on it, as Pulumi components.

This is the library's public interface. Import from here; everything else may change without notice. In a checkout the
package is called ``components``; the wheel installs it as ``ha_backend``.
"""

from __future__ import annotations

import gc
import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .availability import ClusterFacts
    from .backend import HighlyAvailableBackend
    from .cluster import Cluster, look_up
    from .clusters.found import FoundCluster
    from .connection import Connection
    from .multi_cluster import MultiCluster, across
    from .preflight import PreflightError
    from .settings import (
        BackendSettings,
        ClusterApiCluster,
        ClusterSettings,
        ExistingCluster,
        LocalCluster,
        SettingsError,
        StackReferenceCluster,
    )
    from .shared_namespace import SharedNamespace

__all__ = [
    "BackendSettings",
    "Cluster",
    "ClusterApiCluster",
    "ClusterFacts",
    "ClusterSettings",
    "Connection",
    "ExistingCluster",
    "FoundCluster",
    "HighlyAvailableBackend",
    "LocalCluster",
    "MultiCluster",
    "PreflightError",
    "SettingsError",
    "SharedNamespace",
    "StackReferenceCluster",
    "across",
    "look_up",
]

# Loaded on first use. Commands that only read settings need no Kubernetes SDK, which takes longest to import.
_MODULES = {
    "availability": ["ClusterFacts"],
    "backend": ["HighlyAvailableBackend"],
    "cluster": ["Cluster", "look_up"],
    "clusters.found": ["FoundCluster"],
    "connection": ["Connection"],
    "multi_cluster": ["MultiCluster", "across"],
    "preflight": ["PreflightError"],
    "settings": [
        "BackendSettings",
        "ClusterApiCluster",
        "ClusterSettings",
        "ExistingCluster",
        "LocalCluster",
        "SettingsError",
        "StackReferenceCluster",
    ],
    "shared_namespace": ["SharedNamespace"],
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Modules are some 180,000 objects that all stay. The collector would visit them again and again, a sixth of the
    # time of a preview: it rests while they load, and leaves them out afterwards.
    collecting = gc.isenabled()
    gc.disable()
    try:
        value = globals()[name] = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
