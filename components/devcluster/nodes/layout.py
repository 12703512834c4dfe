"""Where everything of one cluster with real nodes is: names, folders and addresses. Computed, never stored twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

RUN = Path("/run/ha-backend")
NAMESPACES = Path("/run/netns")
NODES = "10.77.0."  # inside the namespaces only, so that every cluster can use the same
HUB_ADDRESS = f"{NODES}1"
PODS = "10.78.0.0/16"


@dataclass(frozen=True)
class Node:
    """One node: its name, its zone, and its number in the cluster, from 1."""

    name: str
    zone: str
    number: int
    cluster: Layout

    @property
    def namespace(self) -> str:
        """Its network namespace."""
        return f"{self.cluster.hub}-{self.number}"

    @property
    def address(self) -> str:
        """Its address, reachable from the hub and from the other nodes."""
        return f"{NODES}{10 + self.number}"

    @property
    def pods(self) -> str:
        """The addresses of its pods."""
        return f"10.78.{self.number}.0/24"

    @property
    def link(self) -> str:
        """The hub's end of its cable."""
        return f"node{self.number}"

    @property
    def folder(self) -> Path:
        """What a machine keeps on its disk: configuration, images, containers, logs."""
        return self.cluster.folder / "nodes" / self.name

    @property
    def run(self) -> Path:
        """Sockets and what a reboot would lose. Short, because the path of a socket may not be longer than 107 characters."""
        return self.cluster.run / str(self.number)

    @property
    def kubelet(self) -> Path:
        """The kubelet's own folder, by a short way: it makes a socket in it."""
        return self.run / "kubelet"


@dataclass(frozen=True)
class Layout:
    """One cluster, in its folder."""

    folder: Path
    zones: tuple[str, ...]
    per_zone: int

    @property
    def id(self) -> str:
        """Tells it from other clusters of this machine: the same folder has the same one."""
        return hashlib.sha256(str(self.folder.absolute()).encode()).hexdigest()[:6]

    @property
    def hub(self) -> str:
        """The network namespace of the control plane and the load balancer, where the cables of all nodes end."""
        return f"hab{self.id}"

    @property
    def run(self) -> Path:
        """Sockets of everything."""
        return RUN / self.id

    @property
    def block(self) -> Path:
        """The file that says which block of addresses this cluster has on the machine, for when it is started again."""
        return self.folder / "nodes" / "uplink"

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before a command that is to run in the hub."""
        return entering(self.hub)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, in order."""
        zones = [zone for zone in self.zones for _ in range(self.per_zone)]
        return tuple(
            Node(f"{zone}-{zones[:index].count(zone)}", zone, index, self) for index, zone in enumerate(zones, 1)
        )

    def made(self) -> list[str]:
        """Names of the nodes that there are in the folder, in order."""
        return sorted(path.parent.name for path in (self.folder / "nodes").glob("*/kubelet.json"))


def entering(namespace: str) -> tuple[str, ...]:
    """Put before a command that is to run in a network namespace.

    Not `ip netns exec`: it mounts /sys anew, and hides the control groups from the kubelet.
    """
    return ("nsenter", f"--net={NAMESPACES / namespace}", "--")
