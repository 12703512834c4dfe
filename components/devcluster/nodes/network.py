"""The network of real nodes: a hub with a bridge, a namespace for each node, and a cable from the hub to the host.

This machine itself gets one interface and two routes. No firewall rule and no kernel setting of it changes.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors.devcluster import NO_FREE_NETWORK
from ..errors import DevClusterError
from ..kwok_config import SERVICES
from .ip import batch, run
from .layout import HUB_ADDRESS, NAMESPACES, Layout, in_namespace

# Networks between this machine and hubs: reserved for tests between devices (RFC 2544), so they hide no real network.
_BLOCKS = [f"198.{18 + number // 256}.{number % 256}" for number in range(512)]
# Packets to a block without an interface must not leave by the default route: a route of last resort rejects them.
_LAST_RESORT = "4294967295"
# How long a connection to a deleted pod that never answered keeps its NAT entry. With the default of 120 s, later
# connections from the same port would fail.
_SYN_SENT_SECONDS = "5"
# Closed connections that the hub keeps, each for 60 s. Without a limit, some hundred new connections a second exhaust
# its 28,232 ports, and load that is sent from the hub then fails.
_CLOSED_CONNECTIONS = "4096"


@dataclass(frozen=True)
class Uplink:
    """Network between this machine and a hub: a /24 block, by its first three numbers."""

    block: str

    @property
    def machine(self) -> str:
        """Address of this machine."""
        return f"{self.block}.1"

    @property
    def hub(self) -> str:
        """Address of the hub, and of the API server for clients outside the nodes."""
        return f"{self.block}.2"

    @property
    def load_balancers(self) -> tuple[str, ...]:
        """Addresses that the load balancer may assign to Services."""
        return tuple(f"{self.block}.{number}" for number in range(16, 255))


def create(layout: Layout) -> Uplink:
    """Create the network of a cluster. Raises DevClusterError if the machine does not allow it."""
    run(("ip", "netns", "add", layout.hub))
    for node in layout.nodes:
        run(("ip", "netns", "add", node.namespace))
    batch(
        layout.prefix,
        [
            "link set lo up",
            "link add nodes type bridge",
            f"addr add {HUB_ADDRESS}/24 dev nodes",
            "link set nodes up",
            *(
                line
                for node in layout.nodes
                for line in (
                    f"link add {node.link} type veth peer name eth0 netns {node.namespace}",
                    f"link set {node.link} master nodes up",
                )
            ),
            *(f"route add {node.pods} via {node.address}" for node in layout.nodes),
        ],
    )
    _set_kernel(layout.prefix, {"net/ipv4/tcp_max_tw_buckets": _CLOSED_CONNECTIONS})
    for node in layout.nodes:
        batch(
            in_namespace(node.namespace),
            [
                "link set lo up",
                f"addr add {node.address}/24 dev eth0",
                "link set eth0 up",
                f"route add {SERVICES} dev eth0",  # kube-proxy needs a route in order to rewrite the target
                *(f"route add {other.pods} via {other.address}" for other in layout.nodes if other != node),
            ],
        )
        _set_kernel(
            in_namespace(node.namespace),
            {"net/ipv4/ip_forward": "1", "net/netfilter/nf_conntrack_tcp_timeout_syn_sent": _SYN_SENT_SECONDS},
        )
    with _block_lock():
        uplink = Uplink(_free_block(layout))
        batch((), [f"link add {layout.hub} type veth peer name uplink netns {layout.hub}"])
        batch(layout.prefix, [f"addr add {uplink.hub}/24 dev uplink", "link set uplink up"])
        batch(
            (),
            [
                f"link set {layout.hub} up",
                f"route add unreachable {uplink.block}.0/24 metric {_LAST_RESORT}",
                f"addr add {uplink.machine}/24 dev {layout.hub}",
            ],
        )  # the last step: if this address exists, everything does
    layout.block.parent.mkdir(parents=True, exist_ok=True)
    layout.block.write_text(uplink.block)
    return uplink


def uplink(layout: Layout) -> Uplink | None:
    """Return the uplink of a cluster; None if its network is incomplete."""
    kind = Path("/proc/self/ns/net").stat().st_dev
    for name in (layout.hub, *(node.namespace for node in layout.nodes)):
        path = NAMESPACES / name
        if not path.exists() or path.stat().st_dev != kind:  # left by an interrupted `ip`
            return None
    return _own_uplink(layout)


def remove(layout: Layout) -> None:
    """Remove whatever exists of a cluster's network. Processes in the namespaces must have ended."""
    with _block_lock():
        own = _own_uplink(layout)
        subprocess.run(["ip", "link", "del", layout.hub], capture_output=True, check=False)
        for block in {own.block} if own else _unserved_blocks():
            subprocess.run(
                ["ip", "route", "del", "unreachable", f"{block}.0/24", "metric", _LAST_RESORT],
                capture_output=True,
                check=False,
            )
    for path in (*NAMESPACES.glob(f"{layout.hub}-*"), *NAMESPACES.glob(layout.hub)):
        subprocess.run(["ip", "netns", "del", path.name], capture_output=True, check=False)


def _own_uplink(layout: Layout) -> Uplink | None:
    shown = subprocess.run(
        ["ip", "-j", "-4", "addr", "show", "dev", layout.hub], capture_output=True, text=True, check=False
    )
    for entry in json.loads(shown.stdout or "[]") if shown.returncode == 0 else []:
        for address in entry.get("addr_info", ()):
            return Uplink(address["local"].rpartition(".")[0])
    return None


@contextmanager
def _block_lock() -> Iterator[None]:
    """Lock the blocks of this machine: one cluster at a time takes or releases one."""
    folder = os.open(NAMESPACES.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _free_block(layout: Layout) -> str:
    """Return an unused block: the cluster's previous one if that is free."""
    routes = json.loads(run(("ip", "-j", "-4", "route", "show", "table", "all")))
    taken = [str(route.get("dst", "")) for route in routes]
    first = int(layout.id, 16) % len(_BLOCKS)
    before = layout.block.read_text().strip() if layout.block.exists() else ""
    for block in [*([before] if before in _BLOCKS else []), *_BLOCKS[first:], *_BLOCKS[:first]]:
        if not any(target.startswith(f"{block}.") for target in taken):
            return block
    raise DevClusterError(
        "All 512 networks for embedded clusters (198.18.0.0/15) are in use: delete a cluster first.", NO_FREE_NETWORK
    )


def _unserved_blocks() -> list[str]:
    """Return the blocks that have a route of last resort but no interface."""
    routes = json.loads(run(("ip", "-j", "-4", "route", "show")))
    served = {str(route["dst"]).rpartition(".")[0] for route in routes if route.get("dev")}
    rejected = {
        str(route["dst"]).rpartition(".")[0]
        for route in routes
        if route.get("type") == "unreachable" and str(route.get("metric")) == _LAST_RESORT
    }
    return sorted(block for block in rejected - served if block in _BLOCKS)


def _set_kernel(prefix: tuple[str, ...], settings: dict[str, str]) -> None:
    for key, value in settings.items():
        with suppress(DevClusterError):  # this kernel has no such connection tracking
            run((*prefix, "sh", "-c", f"echo {value} > /proc/sys/{key}"))
