"""What a cluster with real nodes puts on the machine, so that a test can see whether any of it is left."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from local.nodes import leftovers
from local.nodes.layout import NAMESPACES, Layout

# Where programs keep something of their own: files in these folders come and go with a cluster.
_FOLDERS = ("/run/ha-backend", "/run/netns", "/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers",
            "/var/log/pods", "/sys/fs/cgroup")
_HUB = re.compile(r"hab[0-9a-f]{6}|/run/ha-backend/[0-9a-f]{6}")


def traces(layout: Layout) -> set[str]:
    """Everything there is just now of the kinds that a cluster makes, without what names another cluster."""
    found = {f"mount {line.split()[4]}" for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    for what in (("link",), ("route", "show", "table", "all"), ("netns",), ("rule",)):
        lines = subprocess.run(["ip", "-o", *what], capture_output=True, text=True, check=True).stdout.splitlines()
        # What counts is which there are, not the numbers the kernel gives them.
        found |= {f"ip {what[0]} {re.sub(r'^[0-9]+: |@.*|[(]id.*', '', line).strip()}" for line in lines}
    for folder in _FOLDERS:
        found |= {f"path {path}" for path in (Path(folder), *Path(folder).glob("**/*")) if path.is_dir() or path.exists()
                  or path.is_symlink()}
    found |= {f"process {pid}" for pid in running(layout)}
    ours = (layout.hub, str(layout.run))
    return {line for line in found if all(other.startswith(ours) for other in _HUB.findall(line))}


def running(layout: Layout) -> list[int]:
    """Ids of the processes that are in one of the cluster's network namespaces, or name its folder."""
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
