"""What clusters with real nodes put on a machine, so that a test can see whether any of it is left.

Other clusters may come and go beside a test: where there are some, only what bears a name of the cluster in question counts.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from components.devcluster.nodes import leftovers
from components.devcluster.nodes.config import RUNTIME_TASKS
from components.devcluster.nodes.layout import NAMESPACES, Layout

# Where programs keep something: what is in these folders comes and goes with a cluster.
_FOLDERS = (
    "/run/ha-backend",
    "/run/netns",
    "/run/containerd",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/sys/fs/cgroup",
)
_HUB = re.compile(r"hab[0-9a-f]{6}|/run/ha-backend/[0-9a-f]{6}")


def traces() -> set[str]:
    """Everything there is just now of the kinds that clusters make."""
    found = {f"mount {line.split()[4]}" for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    for what in (("link",), ("route", "show", "table", "all"), ("netns",), ("rule",)):
        lines = subprocess.run(["ip", "-o", *what], capture_output=True, text=True, check=True).stdout.splitlines()
        # What counts is which there are, not the numbers and states the kernel gives them.
        found |= {f"ip {what[0]} {re.sub(r'^[0-9]+: |@.*|[(]id.*', '', line).strip()}" for line in lines}
    for folder in _FOLDERS:
        for parent, folders, files in os.walk(folder):
            found |= {
                f"path {parent}/{name}" for name in (folders if parent.startswith("/sys") else [*folders, *files])
            }
    return found


def names(layout: Layout) -> set[str]:
    """What tells a cluster's traces from those of others, while it runs: also what containerd has named."""
    tasks = [*layout.run.glob(f"*/{RUNTIME_TASKS}/*")]
    return {
        layout.hub,
        str(layout.run),
        f"{layout.folder}/",
        *(task.name for task in tasks),
        *(leftovers.shim_socket(task) for task in tasks),
    }


def left(before: set[str], known: Iterable[str]) -> list[str]:
    """What is there now, was not before, and is of the cluster with these names; of any, where there is no other."""
    new = traces() - before
    known = tuple(known)
    alone = not any(_HUB.search(line) for line in (*before, *new) if not any(name in line for name in known))
    return sorted(line for line in new if alone or any(name in line for name in known))


def running(layout: Layout) -> list[int]:
    """Ids of the processes that are in one of the cluster's network namespaces, or name its folders."""
    inside = leftovers.processes([*NAMESPACES.glob(f"{layout.hub}*"), *layout.run.glob("**/netns/*")])
    named = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"{layout.folder}/" in words or f"{layout.run}/" in words:
            named.append(int(entry.name))
    return sorted({*inside, *named})
