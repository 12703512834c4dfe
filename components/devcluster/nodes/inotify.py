"""How many more inotify instances root may create. Kubelets watch files, and Linux allows each user 128 by default."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

PER_NODE, PER_CONTROL_PLANE = 8, 6  # kubelet 6, containerd and kube-proxy 1 each; API server 4, two others 1
_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")


def shortage(nodes: int, own: Collection[int]) -> str | None:
    """Return why a cluster with ``nodes`` nodes lacks inotify instances and how to fix it; None if there are enough.

    ``own`` are the cluster's own process IDs, whose instances do not count.
    """
    needed = PER_NODE * nodes + PER_CONTROL_PLANE
    try:
        limit = int(_LIMIT.read_text())
    except (OSError, ValueError):
        return None  # this kernel does not report a limit
    if (used := _used(own)) + needed <= limit:
        return None
    return (
        f"they need {needed} inotify instances, and {used} of {limit} are in use: run sysctl -w "
        f"{'.'.join(_LIMIT.parts[3:])}={max(1024, 2 * (used + needed))}, or delete another cluster"
    )


def _used(own: Collection[int]) -> int:
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process ended meanwhile
            if entry.stat().st_uid == 0 and int(entry.name) not in own:
                count += sum(_is_inotify(handle) for handle in (entry / "fd").iterdir())
    return count


def _is_inotify(handle: Path) -> bool:
    try:
        return str(handle.readlink()) == "anon_inode:inotify"
    except OSError:
        return False
