"""The control group that holds all containers of this machine's nodes, by containerd's own choice."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTAINERS = "k8s.io"
# Weight of all pods together: 32 times the default, in the units of cgroup version 1 and 2. With the default, all pods
# would get as much of a busy machine as any single other process.
_WEIGHT = {"cpu.shares": 32 * 1024, "cpu.weight": 3200}


def set_weight(root: Path = ROOT) -> None:
    """Set the CPU weight of all pods together. Does nothing where the machine does not allow it."""
    with suppress(OSError), (root / "cgroup.subtree_control").open("r+") as file:
        file.write("+cpu")  # version 2: a group has only the controllers that its parent delegates
    for group in (hierarchy / CONTAINERS for hierarchy in hierarchies(root)):
        with suppress(OSError):
            group.mkdir(exist_ok=True)
        for key, value in _WEIGHT.items():
            with suppress(OSError), (group / key).open("r+") as file:
                file.write(str(value))


def hierarchies(root: Path = ROOT) -> list[Path]:
    """Return the one hierarchy of version 2, or one for each controller of version 1."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return [path for path in root.glob("*") if (path / "cgroup.procs").exists()]
