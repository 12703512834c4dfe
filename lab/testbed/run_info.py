"""What a reader must know of a run: when, on what, how much load, and with which settings ours made its promise."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.testbed.baselines import RIVALS
from lab.testbed.context import Staged
from lab.testbed.our_backend import OurBackend


def about(stage: Staged, rivals: Sequence[str], began: datetime) -> list[tuple[str, str]]:
    """The facts as (name, value). Raises InspectionError where the API server does not answer."""
    kube = stage.ground.kube
    version = (kube.client.look("/version") or {}).get("gitVersion", "unknown")
    nodes = [node.metadata.name for node in kube.nodes()]
    zones = {kube.zone(node) for node in nodes}
    found = [
        ("date", f"{began:%Y-%m-%d %H:%M %Z}".strip()),
        ("Kubernetes", f"{version}, {len(nodes)} real nodes in {len(zones)} zones, on one machine"),
        ("machine", machine()),
        ("deployed by", f"pulumi {stage.engine.version}" if stage.engine else "kubectl, no engine"),
    ]
    found += [
        (
            f"load on {backend.title}",
            f"{backend.rate} requests a second on each of: {', '.join(backend.connections)} connections",
        )
        for backend in stage.backends
    ]
    found += [(RIVALS[name].title, RIVALS[name].source) for name in rivals]
    found += [
        (f"settings of {backend.title}", ", ".join(flat(backend.settings)))
        for backend in stage.backends
        if isinstance(backend, OurBackend)
    ]
    return found


def machine() -> str:
    """Cores, memory and kernel of this machine."""
    memory = "memory unknown"
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal:"))
        memory = f"{kib / 1024**2:.1f} GiB of memory"
    except (OSError, StopIteration, ValueError):
        pass
    return f"{os.cpu_count()} cores, {memory}, {platform.system()} {platform.release()}"


def flat(settings: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """``autoscaling.maxReplicas 6`` for each value."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            said = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{before}{key} {said.lower() if isinstance(value, bool) else said}"
