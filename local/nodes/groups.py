"""The control groups that the pods of a node are in. The kubelet expects its root to be there, with CPUs to run on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from local.nodes.layout import Node

ROOT = Path("/sys/fs/cgroup")
# Of all pods together: without it they would get as much of a busy machine as any single process of it. 32 times the default,
# in the units of version 1 and 2.
_WEIGHT = {"cpu.shares": 32 * 1024, "cpu.weight": 3200}
_CONTROLLERS = ("cpu", "cpuset", "memory", "pids", "hugetlb")


def make(node: Node, root: Path = ROOT) -> None:
    """Makes the node's group, and the one above it, in every hierarchy there is; also again."""
    for hierarchy in _hierarchies(root):
        group = hierarchy
        for part in node.cgroup.strip("/").split("/"):
            parent, group = group, group / part
            _hand_on(parent)
            group.mkdir(exist_ok=True)
            for key in ("cpuset.cpus", "cpuset.mems"):  # of version 1: empty in a new group, and nothing runs in an empty one
                with suppress(OSError):
                    if not (group / key).read_text().strip():
                        (group / key).write_text((parent / key).read_text())
        for key, value in _WEIGHT.items():
            if (weight := group.parent / key).exists():
                with suppress(OSError):
                    weight.write_text(str(value))


def _hierarchies(root: Path) -> list[Path]:
    """The one of version 2, or one for each controller of version 1."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return [path for path in root.iterdir() if (path / "cgroup.procs").exists()]


def _hand_on(parent: Path) -> None:
    """In version 2 a group has the controllers that the one above hands on."""
    for controller in _CONTROLLERS:
        # An error: not in this kernel, not allowed, or not version 2.
        with suppress(OSError), (parent / "cgroup.subtree_control").open("r+") as file:
            file.write(f"+{controller}")
