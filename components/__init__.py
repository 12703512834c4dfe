"""The component resources: a cluster, a highly available backend that runs on one, and a namespace that several share.

Each is loaded when it is first asked for: a program can register its cluster before it loads what a backend takes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.backend import HighlyAvailableBackend
    from components.cluster import Cluster
    from components.connection import Connection
    from components.several import Across, across
    from components.shared_namespace import SharedNamespace

__all__ = ["Across", "Cluster", "Connection", "HighlyAvailableBackend", "SharedNamespace", "across"]
_MODULES = {"Across": "several", "Cluster": "cluster", "Connection": "connection", "HighlyAvailableBackend": "backend",
            "SharedNamespace": "shared_namespace", "across": "several"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    return found
