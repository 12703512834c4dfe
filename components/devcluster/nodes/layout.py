"""Names, directories and addresses of one cluster with real nodes. All of them are computed from its directory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

RUN = Path("/run/ha-backend")
NAMESPACES = Path("/run/netns")
NODES = "10.77.0."  # used inside the namespaces only, so every cluster can use the same addresses
HUB_ADDRESS = f"{NODES}1"
PODS = "10.78.0.0/16"


@dataclass(frozen=True)
class Node:
    """One node of a cluster."""

    name: str
    zone: str
    number: int
    """Number in the cluster, from 1."""
    cluster: Layout

    @property
    def namespace(self) -> str:
        """Name of its network namespace."""
        return f"{self.cluster.hub}-{self.number}"

    @property
    def address(self) -> str:
        """Address, reachable from the hub and from the other nodes."""
        return f"{NODES}{10 + self.number}"

    @property
    def pods(self) -> str:
        """CIDR of its pods."""
        return f"10.78.{self.number}.0/24"

    @property
    def link(self) -> str:
        """Name of the hub's end of its cable."""
        return f"node{self.number}"

    @property
    def folder(self) -> Path:
        """Directory for what a machine keeps on disk: configuration, images, containers and logs."""
        return self.cluster.folder / "nodes" / self.name

    @property
    def run(self) -> Path:
        """Directory for what a reboot loses, such as sockets. Short: a socket's path has at most 107 characters."""
        return self.cluster.run / str(self.number)

    @property
    def kubelet(self) -> Path:
        """Short path of the kubelet's directory, in which it creates a socket."""
        return self.run / "kubelet"


@dataclass(frozen=True)
class Layout:
    """One cluster with real nodes, in its directory."""

    folder: Path
    zones: tuple[str, ...]
    per_zone: int

    @property
    def id(self) -> str:
        """Identifier of the cluster on this machine. The same directory always has the same one."""
        return hashlib.sha256(str(self.folder.absolute()).encode()).hexdigest()[:6]

    @property
    def hub(self) -> str:
        """Network namespace of the control plane and the load balancer, where the cables of all nodes end."""
        return f"hab{self.id}"

    @property
    def run(self) -> Path:
        """Directory for the sockets of all nodes."""
        return RUN / self.id

    @property
    def block(self) -> Path:
        """File that records the cluster's address block on this machine, for the next start."""
        return self.folder / "nodes" / "uplink"

    @property
    def prefix(self) -> tuple[str, ...]:
        """Command prefix to run a command in the hub."""
        return in_namespace(self.hub)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, ordered by zone and number."""
        zones = [zone for zone in self.zones for _ in range(self.per_zone)]
        return tuple(
            Node(f"{zone}-{zones[:index].count(zone)}", zone, index, self) for index, zone in enumerate(zones, 1)
        )

    def existing_nodes(self) -> list[str]:
        """Return the sorted names of the nodes in the directory."""
        return sorted(path.parent.name for path in (self.folder / "nodes").glob("*/kubelet.json"))


def in_namespace(namespace: str) -> tuple[str, ...]:
    """Return the command prefix to run a command in a network namespace.

    `ip netns exec` would not do: it mounts /sys again, which hides the control groups from the kubelet.
    """
    return ("nsenter", f"--net={NAMESPACES / namespace}", "--")
