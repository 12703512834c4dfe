"""How many more inotify instances root may have: kubelets and the like watch files, and Linux allows 128 to each user."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

A_NODE, A_CONTROL_PLANE = 8, 6  # kubelet 6, containerd and kube-proxy 1 each; API server 4, two others 1
_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")


def lacking(nodes: int, but: Collection[int]) -> str | None:
    """Why there are too few for a cluster with so many nodes, and what would be right; ``but`` are its own processes."""
    needed = A_NODE * nodes + A_CONTROL_PLANE
    try:
        allowed = int(_LIMIT.read_text())
    except (OSError, ValueError):
        return None  # a kernel that does not say
    if (used := _used(but)) + needed <= allowed:
        return None
    return (
        f"they need {needed} inotify instances, and of the {allowed} that are allowed {used} are in use: sysctl -w "
        f"{'.'.join(_LIMIT.parts[3:])}={max(1024, 2 * (used + needed))}, or remove another cluster"
    )


def _used(but: Collection[int]) -> int:
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if entry.stat().st_uid == 0 and int(entry.name) not in but:
                count += sum(_is_one(handle) for handle in (entry / "fd").iterdir())
    return count


def _is_one(handle: Path) -> bool:
    try:
        return str(handle.readlink()) == "anon_inode:inotify"
    except OSError:
        return False
