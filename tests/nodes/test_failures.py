"""Nodes are lost and cut, as machines are, and come back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from components.devcluster.nodes import leftovers, network
from components.devcluster.nodes.layout import HUB_ADDRESS, NAMESPACES, Node, entering
from tests.nodes.conftest import Given, answers, eventually

# Limits against waiting for ever, not promises: how soon is what the drills measure.
NOTICED, BACK = 60, 180
KUBELET = 10250


@pytest.fixture(scope="module")
def address(given: Given) -> Iterator[str]:
    yield given.deploy("steady", externalTrafficPolicy="Local")
    given.kubectl("delete", "deployment/steady", "service/steady")


def on(given: Given, node: Node) -> str:
    """The pod on a node."""
    return next(pod for pod, place in given.places("steady").items() if place == node.name)


def test_a_lost_node_gets_no_new_connection_and_serves_again_when_it_is_back(given: Given, address: str) -> None:
    node = given.nodes.layout.nodes[1]
    lost = on(given, node)
    given.nodes.lose(node)
    assert leftovers.processes([NAMESPACES / node.namespace]) == []
    assert not node.run.exists()
    eventually(lambda: not answers(address, 9)[""], NOTICED, "the load balancer passes over the node")
    assert lost not in answers(address, 9)
    assert not given.cluster.healthy()
    given.nodes.restore(node)
    eventually(lambda: answers(address, 9)[lost], BACK, "the same pod answers again")
    eventually(given.cluster.healthy, BACK, "all of the cluster answers, the node's kubelet too")


def test_a_node_that_is_cut_off_lives_on_alone(given: Given, address: str) -> None:
    node = given.nodes.layout.nodes[2]
    cut, before = on(given, node), leftovers.processes([NAMESPACES / node.namespace])
    network.cut(node)
    eventually(lambda: not answers(address, 9)[""], NOTICED, "the load balancer passes over the node")
    assert cut not in answers(address, 9)
    assert set(before) <= set(leftovers.processes([NAMESPACES / node.namespace]))
    network.mend(node)
    eventually(lambda: answers(address, 9)[cut], BACK, "the pod answers again")
    restarts = given.kubectl("get", "pod", cut, "-o", "json")["status"]["containerStatuses"][0]["restartCount"]
    assert restarts == 0


def reaches(node: Node, address: str, port: int) -> bool:
    """Whether a connection from a node is accepted within a second."""
    code = f"import socket; socket.create_connection(({address!r}, {port}), 1)"
    words = [*entering(node.namespace), sys.executable, "-c", code]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_site_whose_link_is_cut_has_itself_and_nothing_else(given: Given, address: str) -> None:
    layout = given.nodes.layout
    here, beside, away = layout.nodes
    server = int(
        yaml.safe_load(given.cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"].rpartition(":")[2]
    )
    outside = [(away.address, KUBELET), (HUB_ADDRESS, server)]
    network.part(layout, [here, beside])
    try:
        assert reaches(here, beside.address, KUBELET)
        assert [reaches(node, *there) for node in (here, beside) for there in outside] == [False] * 4
        assert reaches(away, HUB_ADDRESS, server), "the others keep their link"
    finally:
        network.join(layout)
    eventually(lambda: all(reaches(here, *there) for there in outside), NOTICED, "the link is back")
    network.join(layout)  # nothing happens
    eventually(given.cluster.healthy, BACK, "all of the cluster answers")
    assert not answers(address, 9)[""]


def test_a_node_that_is_about_to_leave_gets_no_new_connection(given: Given, address: str) -> None:
    node = given.nodes.layout.nodes[0]
    leaving, label = on(given, node), "node.kubernetes.io/exclude-from-external-load-balancers"
    given.kubectl("label", "node", node.name, f"{label}=true")
    eventually(lambda: leaving not in answers(address, 9), NOTICED, "it is drained")
    assert not answers(address, 9)[""]
    given.kubectl("label", "node", node.name, f"{label}-")
    eventually(lambda: answers(address, 9)[leaving], NOTICED, "it takes connections again")
