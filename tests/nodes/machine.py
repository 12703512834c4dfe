"""Traces that clusters with real nodes leave on a machine, so that a test can check that none remain.

Other clusters may start and stop during a test. Then only the traces with a name of the cluster under test count.
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

# Directories in which the programs of a cluster create files.
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
    """Return everything of the kinds that clusters create: mounts, links, routes, rules, namespaces and files."""
    found = {f"mount {line.split()[4]}" for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    for what in (("link",), ("route", "show", "table", "all"), ("netns",), ("rule",)):
        lines = subprocess.run(["ip", "-o", *what], capture_output=True, text=True, check=True).stdout.splitlines()
        # Without the numbers and states that the kernel assigns.
        found |= {f"ip {what[0]} {re.sub(r'^[0-9]+: |@.*|[(]id.*', '', line).strip()}" for line in lines}
    for folder in _FOLDERS:
        for parent, folders, files in os.walk(folder):
            found |= {
                f"path {parent}/{name}" for name in (folders if parent.startswith("/sys") else [*folders, *files])
            }
    return found


def names(layout: Layout) -> set[str]:
    """Return the names that identify the traces of a running cluster, with those that containerd chose."""
    tasks = [*layout.run.glob(f"*/{RUNTIME_TASKS}/*")]
    return {
        layout.hub,
        str(layout.run),
        f"{layout.folder}/",
        *(task.name for task in tasks),
        *(leftovers.shim_socket(task) for task in tasks),
    }


def left(before: set[str], known: Iterable[str]) -> list[str]:
    """Return the new traces with one of these names; all new traces if no other cluster exists."""
    new = traces() - before
    known = tuple(known)
    alone = not any(_HUB.search(line) for line in (*before, *new) if not any(name in line for name in known))
    return sorted(line for line in new if alone or any(name in line for name in known))


def running(layout: Layout) -> list[int]:
    """Return the IDs of the processes in the cluster's network namespaces or with its directories as arguments."""
    inside = leftovers.processes([*NAMESPACES.glob(f"{layout.hub}*"), *layout.run.glob("**/netns/*")])
    named = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"{layout.folder}/" in command or f"{layout.run}/" in command:
            named.append(int(entry.name))
    return sorted({*inside, *named})
