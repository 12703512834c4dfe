"""A site at the edge: pods stay through a link that is down, on the nodes that are named, and nothing else is claimed."""

from __future__ import annotations

from typing import Any

import pytest

from availability import ClusterFacts, Node, conflicts, promise
from engine.report import promise_lines
from settings import consistency
from settings.names import ZONE_LABEL as ZONE
from tests.unit.adding import spec
from tests.unit.recording import Monitor, backend

ARCH, POOL = "kubernetes.io/arch", "apps.openyurt.io/nodepool"
EDGE: dict[str, Any] = {"architectures": ["arm64"], "pool": {POOL: "shop"}, "taints": ["example.org/edge"]}
_NODES = [("arm64", "shop"), ("arm64", "shop"), ("amd64", "shop"), ("arm64", "depot")]
SITE = tuple(Node(f"n{number}", {ARCH: arch, POOL: pool, ZONE: "a"}, (("example.org/edge", "", "NoSchedule"),))
             for number, (arch, pool) in enumerate(_NODES))


def facts(*nodes: Node) -> ClusterFacts:
    return ClusterFacts(("a",), len(nodes), inventory=nodes)


def node_row(cluster: ClusterFacts, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = promise(backend(edge=EDGE, **more), cluster).as_output()["node"]
    return row


def test_pods_stay_for_as_long_as_the_link_is_down(monitor: Monitor) -> None:
    lost = [one for one in monitor.make(edge=EDGE).pod()["tolerations"] if one["key"].startswith("node.kubernetes.io/")]
    assert {one["key"] for one in lost} == {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
    assert all("tolerationSeconds" not in one and one["effect"] == "NoExecute" for one in lost)


def test_pods_are_put_on_the_sites_nodes_that_can_run_the_image(monitor: Monitor) -> None:
    pod = monitor.make(edge=EDGE).pod()
    (term,) = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": ARCH, "operator": "In", "values": ["arm64"]}]
    assert pod["nodeSelector"] == {POOL: "shop"}
    assert {"key": "example.org/edge", "operator": "Exists"} in pod["tolerations"]


def test_without_it_nothing_is_said_of_nodes(monitor: Monitor) -> None:
    pod = monitor.make().pod()
    assert "nodeSelector" not in pod
    assert "nodeAffinity" not in pod["affinity"]


def test_a_lost_node_is_survived_and_has_no_time_of_recovery() -> None:
    row = node_row(facts(*SITE))
    assert row["survived"]
    assert "recoverySeconds" not in row
    assert row["sources"] == []
    assert "back with the node" in row["why"]


def test_what_is_printed_names_no_number_for_it() -> None:
    lines = promise_lines(promise(backend(edge=EDGE), facts(*SITE)).as_output())
    (line,) = (line for line in lines if line.strip().startswith("node ") and "spread" in line)
    assert " with it " in line


def test_one_node_claims_nothing() -> None:
    row = node_row(facts(SITE[0]), survive="pod")
    assert not row["survived"]
    assert row["why"] == "the cluster has one node"


@pytest.mark.parametrize(("nodes", "survive", "key"), [
    (SITE[:1], "node", "survive"), (SITE[:1], "zone", "survive"), (SITE[1:], "node", "edge"), (SITE[2:], "pod", "edge")])
def test_a_site_that_cannot_hold_it_is_refused(nodes: tuple[Node, ...], survive: str, key: str) -> None:
    assert key in {one.key for one in conflicts(backend(edge=EDGE, survive=survive), facts(*nodes))}


@pytest.mark.parametrize(("more", "key"), [
    (spec(nodeSelector={"a": "b"}), "podTemplate.spec.nodeSelector"),
    (spec(affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}}}), "podTemplate.spec.affinity.nodeAffinity"),
    ({"placement": {"tolerationSeconds": 60}}, "placement.tolerationSeconds"),
    ({"edge": {**EDGE, "pool": {ARCH: "arm64"}}}, f"edge.pool.{ARCH}")])
def test_a_second_choice_is_refused(more: dict[str, Any], key: str) -> None:
    assert key in {one.key for one in consistency.conflicts(backend(**{"edge": EDGE, **more}))}
