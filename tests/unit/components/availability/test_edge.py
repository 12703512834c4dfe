"""An edge site: pods stay on the selected nodes while the link is down, and nothing else is promised."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components.availability import Allocatable, ClusterFacts, Node, conflicts, promise
from components.settings import consistency
from components.settings.well_known import ZONE_LABEL as ZONE
from lab.changes.every_setting import PINNED
from lab.drills.verdict import Limits
from lab.testbed.our_backend import OurBackend
from lab.testbed.our_stack import OurStack
from ops.cli.report import promise_lines
from tests.support.fake_engine import Monitor, backend
from tests.support.pod_templates import sidecar, spec
from tests.support.policy_stack import BY_NAME, good

ARCH, POOL = "kubernetes.io/arch", "apps.openyurt.io/nodepool"
EDGE: dict[str, Any] = {"architectures": ["arm64"], "pool": {POOL: "shop"}, "taints": ["example.org/edge"]}
_NODES = [("arm64", "shop"), ("arm64", "shop"), ("amd64", "shop"), ("arm64", "depot")]
SITE = tuple(
    Node(f"n{number}", {ARCH: arch, POOL: pool, ZONE: "a"}, (("example.org/edge", "", "NoSchedule"),))
    for number, (arch, pool) in enumerate(_NODES)
)

FIXED: dict[str, Any] = {"autoscaling": {"enabled": False}}


def facts(*nodes: Node) -> ClusterFacts:
    return ClusterFacts(("a",), len(nodes), inventory=nodes)


def node_row(cluster: ClusterFacts, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = promise(backend(edge=EDGE, **more), cluster).as_output()["node"]
    return row


def test_pods_stay_while_the_link_is_down(monitor: Monitor) -> None:
    tolerations = monitor.make(edge=EDGE, image=PINNED).pod()["tolerations"]
    lost = [one for one in tolerations if one["key"].startswith("node.kubernetes.io/")]
    assert {one["key"] for one in lost} == {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}
    assert all("tolerationSeconds" not in one and one["effect"] == "NoExecute" for one in lost)


def test_pods_run_on_the_sites_nodes_that_can_run_the_image(monitor: Monitor) -> None:
    pod = monitor.make(edge=EDGE, image=PINNED).pod()
    (term,) = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": ARCH, "operator": "In", "values": ["arm64"]}]
    assert pod["nodeSelector"] == {POOL: "shop"}
    assert {"key": "example.org/edge", "operator": "Exists"} in pod["tolerations"]


def test_without_edge_nodes_are_not_selected(monitor: Monitor) -> None:
    pod = monitor.make().pod()
    assert "nodeSelector" not in pod
    assert "nodeAffinity" not in pod["affinity"]


def test_a_lost_node_is_survived_without_a_recovery_time() -> None:
    row = node_row(facts(*SITE))
    assert row["survived"]
    assert "recoverySeconds" not in row
    assert row["sources"] == []
    assert "full capacity returns with that node" in row["why"]


def test_the_printed_promise_has_no_number_for_it() -> None:
    lines = promise_lines(promise(backend(edge=EDGE), facts(*SITE)).as_output())
    (line,) = (line for line in lines if line.strip().startswith("node ") and "spread" in line)
    assert " with it " in line


def test_one_node_promises_nothing() -> None:
    row = node_row(facts(SITE[0]), survive="pod")
    assert not row["survived"]
    assert row["why"] == "the cluster has only one node"


@pytest.mark.parametrize(
    ("nodes", "survive", "key"),
    [
        (SITE[:1], "node", "survive"),
        (SITE[:1], "zone", "survive"),
        (SITE[1:], "node", "edge"),
        (SITE[2:], "pod", "edge"),
    ],
)
def test_a_site_that_cannot_hold_the_promise_is_rejected(nodes: tuple[Node, ...], survive: str, key: str) -> None:
    assert key in {one.key for one in conflicts(backend(edge=EDGE, survive=survive), facts(*nodes))}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        (spec(nodeSelector={"a": "b"}), "podTemplate.spec.nodeSelector"),
        (
            spec(
                affinity={
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]
                        }
                    }
                }
            ),
            "podTemplate.spec.affinity.nodeAffinity",
        ),
        ({"placement": {"tolerationSeconds": 60}}, "placement.tolerationSeconds"),
        ({"edge": {**EDGE, "pool": {ARCH: "arm64"}}}, f"edge.pool.{ARCH}"),
    ],
)
def test_a_second_node_selection_is_rejected(more: dict[str, Any], key: str) -> None:
    assert key in {one.key for one in consistency.conflicts(backend(**{"edge": EDGE, **more}))}


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({}, {"image"}),
        ({"image": PINNED}, set()),
        ({"edge": None}, set()),
        ({"image": PINNED, **spec(initContainers=[sidecar()])}, {"podTemplate.spec.initContainers[0].image"}),
    ],
)
def test_an_image_needs_a_digest(more: dict[str, Any], keys: set[str]) -> None:
    result = conflicts(backend(**{"edge": EDGE, "survive": "node", **FIXED, **more}), facts(*SITE))
    assert {one.key for one in result} == keys
    assert all("which edge needs: a node keeps what it has pulled under a tag" in one.text for one in result)


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        (SITE[1:], "leaves 1 node for the pods (not n2, n3), so survive: node"),
        (SITE[2:], "leaves no node for the pods (not n2, n3): select"),
        (tuple(Node(f"m{number}", {ARCH: "amd64"}) for number in range(7)), "(not m0, m1, m2, m3, m4 and 2 more)"),
    ],
)
def test_excluded_nodes_are_named(nodes: tuple[Node, ...], text: str) -> None:
    (result,) = conflicts(backend(edge=EDGE, image=PINNED, survive="node", **FIXED), facts(*nodes))
    assert (result.key, text in result.text) == ("edge", True), result.text


@pytest.mark.parametrize(
    ("cpu", "more", "text"),
    [
        ("500m", {}, ""),
        (
            "900m",
            {},
            "needs capacity for 4 pods during a rollout, and the site's nodes (2) hold 2 if nothing else runs on them",
        ),
        ("900m", {"edge": None}, ""),
        ("600m", {"replicas": 2}, "needs capacity for 3 pods"),
        ("500m", {"replicas": 2}, ""),
    ],
)
def test_a_rollout_that_exceeds_the_sites_capacity_is_rejected(cpu: str, more: dict[str, Any], text: str) -> None:
    size = Allocatable(Decimal(1), Decimal(2**30), Decimal(2**33), 110)
    small = replace(facts(*(replace(node, allocatable=size) for node in SITE[:2])), largest_node=size)
    settings = {
        "edge": EDGE,
        "image": PINNED,
        "survive": "node",
        **FIXED,
        **more,
        "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
    }
    result = [one for one in conflicts(backend(**settings), small) if one.key == "replicas"]
    assert [text in one.text for one in result] == ([True] if text else []), result


def limits(cluster: ClusterFacts, failure: str, **more: Any) -> Limits:
    """What a drill holds such a backend to."""
    stack = SimpleNamespace(backend=backend(image=PINNED, **more), name="shop")
    return OurBackend(
        cast(OurStack, stack), "ours", (PINNED, PINNED), facts=cluster, connections=(), rate=1, environment={}
    ).promised(failure)


def test_a_drill_waits_for_no_capacity_that_is_back_only_with_the_node() -> None:
    result = limits(facts(*SITE), "node", edge=EDGE)
    assert (result.full_seconds, result.full_after_restore, result.least_ready) == (None, True, 1)
    usual = limits(facts(*SITE), "node")
    assert usual.full_seconds and not usual.full_after_restore
    assert limits(facts(*SITE), "pod", edge=EDGE) == limits(facts(*SITE), "pod")


def test_a_drill_holds_it_to_nothing_where_nothing_is_survived() -> None:
    assert limits(facts(SITE[0]), "node", edge=EDGE, survive="pod") == Limits()


def test_the_policy_pack_offers_an_exception_for_edge_sites() -> None:
    program, name = good(), "node-loss-seconds"
    for one in program.pod["tolerations"]:
        del one["tolerationSeconds"]
    messages = program.findings()[name]
    assert len(messages) == 2
    assert all(
        "use 120, or add an exception for the Deployment if links to its nodes may drop (edge)" in one
        for one in messages
    )
    assert program.findings({name: {"exceptions": {"web": "at the edge: pods stay"}}}, [BY_NAME[name]]) == {}
