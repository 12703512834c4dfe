"""Network faults for drills: cut and restore the cable of a node, of a site or of a whole cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from .ip import batch, run
from .layout import HUB_ADDRESS, Layout, Node, in_namespace

_SITE = "site"  # the bridge of the nodes whose site is cut off


def disconnect_node(node: Node) -> None:
    """Cut a node's cable. The node keeps running, alone."""
    run((*node.cluster.prefix, "ip", "link", "set", node.link, "down"))


def reconnect_node(node: Node) -> None:
    """Restore a node's cable, and with it the hub's route to its pods."""
    batch(node.cluster.prefix, [f"link set {node.link} up", f"route replace {node.pods} via {node.address}"])


def disconnect_cluster(layout: Layout) -> None:
    """Cut the one cable between this machine and a cluster. Its control plane and its nodes keep running, alone."""
    run((*layout.prefix, "ip", "link", "set", "uplink", "down"))


def reconnect_cluster(layout: Layout) -> None:
    """Restore the cable between this machine and a cluster. Does nothing if it is not cut."""
    run((*layout.prefix, "ip", "link", "set", "uplink", "up"))


def disconnect_site(layout: Layout, nodes: Sequence[Node]) -> None:
    """Cut the link of a site: its nodes reach one another and nothing else. All of them keep running.

    To a node it looks as if a distant line were down: it still knows the hub's address, and what it sends there is
    lost.
    """
    (hub,) = json.loads(run((*layout.prefix, "ip", "-j", "link", "show", "dev", "nodes")))
    for node in nodes:
        batch(
            in_namespace(node.namespace),
            [f"neigh replace {HUB_ADDRESS} lladdr {hub['address']} dev eth0 nud permanent"],
        )
    batch(
        layout.prefix,
        [
            f"link set nodes address {hub['address']}",  # otherwise it changes with the cables that leave the bridge
            f"link add {_SITE} type bridge",
            f"link set {_SITE} up",
            *(f"link set {node.link} master {_SITE}" for node in nodes),
        ],
    )


def reconnect_site(layout: Layout) -> None:
    """Restore the link of a site. Does nothing if none is cut."""
    masters = {
        link["ifname"]: link.get("master") for link in json.loads(run((*layout.prefix, "ip", "-j", "link", "show")))
    }
    if _SITE not in masters:
        return
    nodes = [node for node in layout.nodes if masters.get(node.link) == _SITE]
    batch(layout.prefix, [*(f"link set {node.link} master nodes" for node in nodes), f"link del {_SITE}"])
    for node in nodes:
        batch(in_namespace(node.namespace), [f"neigh del {HUB_ADDRESS} dev eth0"])


def flush_connections(layout: Layout) -> None:
    """Delete the nodes' records of closed connections before the next measurement."""
    for node in layout.nodes:
        subprocess.run([*in_namespace(node.namespace), "conntrack", "-F"], capture_output=True, check=False)
