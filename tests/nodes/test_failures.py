"""Nodes are lost, disconnected and restored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from components.devcluster.nodes import leftovers, links
from components.devcluster.nodes.layout import HUB_ADDRESS, NAMESPACES, Node, in_namespace
from tests.nodes.conftest import RealCluster, answers, eventually

# Limits against an endless wait, not guarantees: the drills measure the times.
DETECTED, RESTORED = 60, 180
KUBELET = 10250


@pytest.fixture(scope="module")
def address(cluster: RealCluster) -> Iterator[str]:
    yield cluster.deploy("steady", externalTrafficPolicy="Local")
    cluster.kubectl("delete", "deployment/steady", "service/steady")


def on(cluster: RealCluster, node: Node) -> str:
    """Return the pod on a node."""
    return next(pod for pod, place in cluster.places("steady").items() if place == node.name)


def test_a_lost_node_gets_no_new_connections_until_it_is_restored(cluster: RealCluster, address: str) -> None:
    node = cluster.nodes.layout.nodes[1]
    lost = on(cluster, node)
    cluster.nodes.lose(node)
    assert leftovers.processes([NAMESPACES / node.namespace]) == []
    assert not node.run.exists()
    eventually(lambda: not answers(address, 9)[""], DETECTED, "the load balancer skips the node")
    assert lost not in answers(address, 9)
    assert not cluster.embedded.healthy()
    cluster.nodes.restore(node)
    eventually(lambda: answers(address, 9)[lost], RESTORED, "the same pod responds again")
    eventually(cluster.embedded.healthy, RESTORED, "the whole cluster responds, with the node's kubelet")


def test_a_disconnected_node_keeps_running(cluster: RealCluster, address: str) -> None:
    node = cluster.nodes.layout.nodes[2]
    pod, before = on(cluster, node), leftovers.processes([NAMESPACES / node.namespace])
    links.disconnect_node(node)
    eventually(lambda: not answers(address, 9)[""], DETECTED, "the load balancer skips the node")
    assert pod not in answers(address, 9)
    assert set(before) <= set(leftovers.processes([NAMESPACES / node.namespace]))
    links.reconnect_node(node)
    eventually(lambda: answers(address, 9)[pod], RESTORED, "the pod responds again")
    restarts = cluster.kubectl("get", "pod", pod, "-o", "json")["status"]["containerStatuses"][0]["restartCount"]
    assert restarts == 0


def reaches(node: Node, address: str, port: int) -> bool:
    """Return whether a connection from a node is accepted within a second."""
    code = f"import socket; socket.create_connection(({address!r}, {port}), 1)"
    command = [*in_namespace(node.namespace), sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_disconnected_site_reaches_only_itself(cluster: RealCluster, address: str) -> None:
    layout = cluster.nodes.layout
    first, second, outside = layout.nodes
    server = int(
        yaml.safe_load(cluster.embedded.kubeconfig.read_text())["clusters"][0]["cluster"]["server"].rpartition(":")[2]
    )
    targets = [(outside.address, KUBELET), (HUB_ADDRESS, server)]
    links.disconnect_site(layout, [first, second])
    try:
        assert reaches(first, second.address, KUBELET)
        assert [reaches(node, *there) for node in (first, second) for there in targets] == [False] * 4
        assert reaches(outside, HUB_ADDRESS, server), "the other node keeps its link"
    finally:
        links.reconnect_site(layout)
    eventually(lambda: all(reaches(first, *there) for there in targets), DETECTED, "the link is restored")
    links.reconnect_site(layout)  # does nothing
    eventually(cluster.embedded.healthy, RESTORED, "the whole cluster responds")
    assert not answers(address, 9)[""]


def test_a_leaving_node_gets_no_new_connections(cluster: RealCluster, address: str) -> None:
    node = cluster.nodes.layout.nodes[0]
    leaving, label = on(cluster, node), "node.kubernetes.io/exclude-from-external-load-balancers"
    cluster.kubectl("label", "node", node.name, f"{label}=true")
    eventually(lambda: leaving not in answers(address, 9), DETECTED, "it is drained")
    assert not answers(address, 9)[""]
    cluster.kubectl("label", "node", node.name, f"{label}-")
    eventually(lambda: answers(address, 9)[leaving], DETECTED, "it accepts connections again")
