"""The cables: a hub with a bridge, a namespace for each node, and one cable from the hub to this machine.

On this machine itself there is one interface and two routes; no firewall rule and no setting of the kernel is touched.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import LocalError
from ..kwok_config import SERVICES
from .layout import HUB_ADDRESS, NAMESPACES, Layout, Node, entering

# Networks for this machine's way to the hub: set aside for tests between devices (RFC 2544), so that nobody's own is hidden.
_BLOCKS = [f"198.{18 + number // 256}.{number % 256}" for number in range(512)]
# Packets to a block whose interface is gone must not leave by the default route: the last resort says that there is no way.
_LAST_RESORT = "4294967295"
# A new connection that a vanished pod never answered keeps its translation for as long as this; the default, 120 s, would
# fail later connections that happen to use the same port.
_SYN_SENT_SECONDS = "5"
# Closed connections that the hub remembers, each for 60 s. Without a limit, some hundred new ones a second use up its
# 28,232 ports, and then the load that is sent from there fails by itself.
_REMEMBERED_CONNECTIONS = "4096"
_SITE = "site"  # the bridge of nodes whose link is cut


@dataclass(frozen=True)
class Uplink:
    """This machine's way to the hub: a /24 block by its first three numbers."""

    block: str

    @property
    def machine(self) -> str:
        """This machine's own address."""
        return f"{self.block}.1"

    @property
    def hub(self) -> str:
        """The hub's address: the API server's, for everybody outside the nodes."""
        return f"{self.block}.2"

    @property
    def load_balancers(self) -> tuple[str, ...]:
        """Addresses that the load balancer may give to Services."""
        return tuple(f"{self.block}.{number}" for number in range(16, 255))


def make(layout: Layout) -> Uplink:
    """Lays all cables. Raises LocalError where the machine does not allow it."""
    _run(("ip", "netns", "add", layout.hub))
    for node in layout.nodes:
        _run(("ip", "netns", "add", node.namespace))
    _batch(
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
    _kernel(layout.prefix, {"net/ipv4/tcp_max_tw_buckets": _REMEMBERED_CONNECTIONS})
    for node in layout.nodes:
        _batch(
            entering(node.namespace),
            [
                "link set lo up",
                f"addr add {node.address}/24 dev eth0",
                "link set eth0 up",
                f"route add {SERVICES} dev eth0",  # never used as it is: kube-proxy rewrites the target, and needs a route to do so
                *(f"route add {other.pods} via {other.address}" for other in layout.nodes if other != node),
            ],
        )
        _kernel(
            entering(node.namespace),
            {"net/ipv4/ip_forward": "1", "net/netfilter/nf_conntrack_tcp_timeout_syn_sent": _SYN_SENT_SECONDS},
        )
    with _choosing():
        uplink = Uplink(_block(layout))
        _batch((), [f"link add {layout.hub} type veth peer name uplink netns {layout.hub}"])
        _batch(layout.prefix, [f"addr add {uplink.hub}/24 dev uplink", "link set uplink up"])
        _batch(
            (),
            [
                f"link set {layout.hub} up",
                f"route add unreachable {uplink.block}.0/24 metric {_LAST_RESORT}",
                f"addr add {uplink.machine}/24 dev {layout.hub}",
            ],
        )  # the last step: where there is this address, there is all
    layout.block.parent.mkdir(parents=True, exist_ok=True)
    layout.block.write_text(uplink.block)
    return uplink


def uplink(layout: Layout) -> Uplink | None:
    """The uplink of a cluster whose cables are laid; None where they are not, or not all."""
    kind = Path("/proc/self/ns/net").stat().st_dev
    for name in (layout.hub, *(node.namespace for node in layout.nodes)):
        path = NAMESPACES / name
        if not path.exists() or path.stat().st_dev != kind:  # a file that an interrupted `ip` left
            return None
    return _served(layout)


def remove(layout: Layout) -> None:
    """Takes everything away again, whatever of it there is. Processes in the namespaces must have ended."""
    with _choosing():
        found = _served(layout)
        subprocess.run(["ip", "link", "del", layout.hub], capture_output=True, check=False)
        for block in {found.block} if found else _fences():
            subprocess.run(
                ["ip", "route", "del", "unreachable", f"{block}.0/24", "metric", _LAST_RESORT],
                capture_output=True,
                check=False,
            )
    for path in (*NAMESPACES.glob(f"{layout.hub}-*"), *NAMESPACES.glob(layout.hub)):
        subprocess.run(["ip", "netns", "del", path.name], capture_output=True, check=False)


def _served(layout: Layout) -> Uplink | None:
    found = subprocess.run(
        ["ip", "-j", "-4", "addr", "show", "dev", layout.hub], capture_output=True, text=True, check=False
    )
    for entry in json.loads(found.stdout or "[]") if found.returncode == 0 else []:
        for address in entry.get("addr_info", ()):
            return Uplink(address["local"].rpartition(".")[0])
    return None


def cut(node: Node) -> None:
    """Pulls the node's cable: it lives on, alone."""
    _run((*node.cluster.prefix, "ip", "link", "set", node.link, "down"))


def mend(node: Node) -> None:
    """Puts the cable back, and with it the hub's route to its pods."""
    _batch(node.cluster.prefix, [f"link set {node.link} up", f"route replace {node.pods} via {node.address}"])


def cut_off(layout: Layout) -> None:
    """Pulls the one cable between this machine and a whole cluster, control plane and all nodes: it lives on, alone."""
    _run((*layout.prefix, "ip", "link", "set", "uplink", "down"))


def reconnect(layout: Layout) -> None:
    """Puts that cable back; nothing happens where it is there."""
    _run((*layout.prefix, "ip", "link", "set", "uplink", "up"))


def part(layout: Layout, nodes: Sequence[Node]) -> None:
    """Cuts a site's link: its nodes see one another as before, and nothing else; all of them live on.

    To a node it is as where a line far away is down: the hub's address is still known, and what is sent there is lost.
    """
    (hub,) = json.loads(_run((*layout.prefix, "ip", "-j", "link", "show", "dev", "nodes")))
    for node in nodes:
        _batch(
            entering(node.namespace), [f"neigh replace {HUB_ADDRESS} lladdr {hub['address']} dev eth0 nud permanent"]
        )
    _batch(
        layout.prefix,
        [
            f"link set nodes address {hub['address']}",  # else it takes another one with the cables that leave
            f"link add {_SITE} type bridge",
            f"link set {_SITE} up",
            *(f"link set {node.link} master {_SITE}" for node in nodes),
        ],
    )


def join(layout: Layout) -> None:
    """Mends the link of a site; nothing happens where none is cut."""
    masters = {
        link["ifname"]: link.get("master") for link in json.loads(_run((*layout.prefix, "ip", "-j", "link", "show")))
    }
    if _SITE not in masters:
        return
    nodes = [node for node in layout.nodes if masters.get(node.link) == _SITE]
    _batch(layout.prefix, [*(f"link set {node.link} master nodes" for node in nodes), f"link del {_SITE}"])
    for node in nodes:
        _batch(entering(node.namespace), [f"neigh del {HUB_ADDRESS} dev eth0"])


def forget_connections(layout: Layout) -> None:
    """Drops what the nodes remember of connections that are over, before something else is measured."""
    for node in layout.nodes:
        subprocess.run([*entering(node.namespace), "conntrack", "-F"], capture_output=True, check=False)


@contextmanager
def _choosing() -> Iterator[None]:
    """One cluster of this machine at a time takes a block, or gives one back."""
    folder = os.open(NAMESPACES.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _block(layout: Layout) -> str:
    """A block that nobody uses: the one that this cluster had before, where there is one."""
    routes = json.loads(_run(("ip", "-j", "-4", "route", "show", "table", "all")))
    taken = [str(route.get("dst", "")) for route in routes]
    first = int(layout.id, 16) % len(_BLOCKS)
    before = layout.block.read_text().strip() if layout.block.exists() else ""
    for block in [*([before] if before in _BLOCKS else []), *_BLOCKS[first:], *_BLOCKS[:first]]:
        if not any(target.startswith(f"{block}.") for target in taken):
            return block
    raise LocalError(
        "All 512 networks for the way to embedded clusters (198.18.0.0/15) are in use: remove a cluster first."
    )


def _fences() -> list[str]:
    """Where the interface is gone but a last-resort route is left: the blocks that no interface serves."""
    routes = json.loads(_run(("ip", "-j", "-4", "route", "show")))
    served = {str(route["dst"]).rpartition(".")[0] for route in routes if route.get("dev")}
    fenced = {
        str(route["dst"]).rpartition(".")[0]
        for route in routes
        if route.get("type") == "unreachable" and str(route.get("metric")) == _LAST_RESORT
    }
    return sorted(block for block in fenced - served if block in _BLOCKS)


def _kernel(prefix: tuple[str, ...], settings: dict[str, str]) -> None:
    for key, value in settings.items():
        with suppress(LocalError):  # a kernel without connection tracking of that kind
            _run((*prefix, "sh", "-c", f"echo {value} > /proc/sys/{key}"))


def _batch(prefix: tuple[str, ...], lines: list[str]) -> None:
    _run((*prefix, "ip", "-batch", "-"), "\n".join(lines) + "\n")


def _run(command: tuple[str, ...], stdin: str | None = None) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalError(
            f"The network of the nodes could not be made: {' '.join(command[:8])}: {done.stderr.strip()[-300:]}"
        )
    return done.stdout
