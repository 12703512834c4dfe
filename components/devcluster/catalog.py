"""Selects programs by name and version of Kubernetes, and names their directories in the cache."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import replace
from pathlib import Path

from ..errors.devcluster import UNSUPPORTED_VERSION
from .errors import DevClusterError
from .programs import (
    BENCH_MODULE,
    CAPI_MODULE,
    CAPI_PROGRAMS,
    CLUSTER_PROGRAMS,
    CONTROL_PLANE,
    DRILL_PROGRAMS,
    DRILLS_MODULE,
    LINT_MODULE,
    NODE_PROGRAMS,
    PROGRAMS,
    TOOLS_MODULE,
    VERSIONED,
    Program,
    pinned_version,
)

__all__ = [
    "BENCH_MODULE",
    "CAPI_MODULE",
    "CAPI_PROGRAMS",
    "CLUSTER_PROGRAMS",
    "CONTROL_PLANE",
    "DEFAULT_VERSION",
    "DRILLS_MODULE",
    "DRILL_PROGRAMS",
    "LINT_MODULE",
    "NODE_PROGRAMS",
    "PROGRAMS",
    "RECIPE",
    "TOOLS_MODULE",
    "VERSIONED",
    "VERSIONS",
    "Program",
    "cache_key",
    "kubernetes_version",
    "pinned_version",
    "program",
    "target",
]
RECIPE = "3"  # increment it when the way of building changes, so that old caches are not used
VERSIONS = ("1.35", "1.36", "1.37")  # of Kubernetes
DEFAULT_VERSION = "1.36"


def program(name: str, kubernetes: str = DEFAULT_VERSION) -> Program:
    """Return a program for a version of Kubernetes. Raises DevClusterError if the version is not supported."""
    return replace(PROGRAMS[name], pins=_pins(kubernetes)) if name in VERSIONED else PROGRAMS[name]


def kubernetes_version(kubernetes: str) -> str:
    """Return a full version: ``v1.36.3`` for ``1.36``. Raises DevClusterError if it is not supported."""
    return pinned_version("k8s.io/kubernetes", _pins(kubernetes))


def _pins(kubernetes: str) -> Path:
    if kubernetes not in VERSIONS:
        raise DevClusterError(
            f"Kubernetes {kubernetes} is not supported: use one of {', '.join(VERSIONS)}.", UNSUPPORTED_VERSION
        )
    return TOOLS_MODULE if kubernetes == DEFAULT_VERSION else TOOLS_MODULE / f"kubernetes-{kubernetes}"


def target() -> tuple[str, str]:
    """Return this machine's operating system and architecture in Go's names, such as ``('linux', 'amd64')``."""
    machine = platform.machine().lower()
    return platform.system().lower(), {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def cache_key(pins: Path = TOOLS_MODULE) -> str:
    """Return the cache directory's name for the programs of one ``go.mod``.

    It depends on the pins, the recipe and the machine type and, for the drills, on our own sources. No other module has
    any.
    """
    digest = hashlib.sha256(RECIPE.encode())
    for file in (pins / "go.mod", pins / "go.sum", *(sorted(pins.rglob("*.go")) if pins == DRILLS_MODULE else ())):
        digest.update(file.read_bytes())
    names = {LINT_MODULE: "lint", DRILLS_MODULE: "drills", BENCH_MODULE: "bench", CAPI_MODULE: "capi"}
    name = names.get(pins) or f"kubernetes-{pinned_version('k8s.io/kubernetes', pins)}"
    return "-".join((name, *target(), digest.hexdigest()[:10]))
