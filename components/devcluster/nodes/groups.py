"""The control group that all containers of this machine's nodes are in, by containerd's own choice."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTAINERS = "k8s.io"
# Of all pods together: without it they would get as much of a busy machine as any single process of it. 32 times the default,
# in the units of version 1 and 2.
_WEIGHT = {"cpu.shares": 32 * 1024, "cpu.weight": 3200}


def weigh(root: Path = ROOT) -> None:
    """Gives all pods together their due. What the machine does not allow is left as it is."""
    with suppress(OSError), (root / "cgroup.subtree_control").open("r+") as file:
        file.write("+cpu")  # version 2: a group has what the one above hands on
    for group in (hierarchy / CONTAINERS for hierarchy in hierarchies(root)):
        with suppress(OSError):
            group.mkdir(exist_ok=True)
        for key, value in _WEIGHT.items():
            with suppress(OSError), (group / key).open("r+") as file:
                file.write(str(value))


def hierarchies(root: Path = ROOT) -> list[Path]:
    """The one of version 2, or one for each controller of version 1."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return [path for path in root.glob("*") if (path / "cgroup.procs").exists()]
