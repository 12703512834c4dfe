"""Facts about a run for its readers: when, where, how much load, and with which settings the promise was computed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.testbed.baselines import BASELINES
from lab.testbed.context import Testbed
from lab.testbed.our_backend import OurBackend


def about(testbed: Testbed, baselines: Sequence[str], began: datetime) -> list[tuple[str, str]]:
    """Return the facts as (name, value). Raises InspectionError if the API server does not answer."""
    kube = testbed.target.kube
    version = (kube.client.get_if_permitted("/version") or {}).get("gitVersion", "unknown")
    nodes = [node.metadata.name for node in kube.nodes()]
    zones = {kube.zone(node) for node in nodes}
    facts = [
        ("date", f"{began:%Y-%m-%d %H:%M %Z}".strip()),
        ("Kubernetes", f"{version}, {len(nodes)} real nodes in {len(zones)} zones, on one machine"),
        ("machine", machine()),
        ("deployed by", f"pulumi {testbed.engine.version}" if testbed.engine else "kubectl, without an engine"),
    ]
    facts += [
        (
            f"load on {backend.title}",
            f"{backend.rate} requests a second on each of: {', '.join(backend.connections)} connections",
        )
        for backend in testbed.backends
    ]
    facts += [(BASELINES[name].title, BASELINES[name].source) for name in baselines]
    facts += [
        (f"settings of {backend.title}", ", ".join(flat(backend.settings)))
        for backend in testbed.backends
        if isinstance(backend, OurBackend)
    ]
    return facts


def machine() -> str:
    """Return cores, memory and kernel of this machine."""
    memory = "memory unknown"
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal:"))
        memory = f"{kib / 1024**2:.1f} GiB of memory"
    except (OSError, StopIteration, ValueError):
        pass
    return f"{os.cpu_count()} cores, {memory}, {platform.system()} {platform.release()}"


def flat(settings: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield ``autoscaling.maxReplicas 6`` for each value."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{before}{key} {text.lower() if isinstance(value, bool) else text}"
