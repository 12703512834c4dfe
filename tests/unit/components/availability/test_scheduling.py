"""The nodes that pods may be scheduled on if the pod template selects among them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from components.availability import Allocatable, ClusterFacts, Node, conflicts, facts_from_settings, promise
from components.availability.scheduling import can_schedule, eligible_facts
from components.devcluster import kwok_config
from components.settings import ExistingCluster, LocalCluster
from components.settings.well_known import ZONE_LABEL as ZONE
from tests.support.fake_engine import backend
from tests.support.pod_templates import spec

SMALL = Allocatable(Decimal(4), Decimal(2**33), Decimal(2**36), 110)
LARGE = replace(SMALL, cpu=Decimal(64))
NODES = (
    Node("n1", {ZONE: "a", "pool": "web", "cores": "8"}, (), SMALL),
    Node("n2", {ZONE: "b", "pool": "web"}, (), SMALL),
    Node("n3", {ZONE: "c", "pool": "gpu"}, (("dedicated", "gpu", "NoSchedule"),), LARGE),
    Node("n4", {ZONE: "c"}, (), SMALL),
)
FACTS = ClusterFacts(("a", "b", "c"), 3, SMALL, inventory=NODES)
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
TOLERATED = {"key": "dedicated", "operator": "Exists"}


def required(*terms: Any) -> dict[str, Any]:
    return spec(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}})


def labelled(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, "n1 n2 n4"),
        (spec(nodeSelector={"pool": "web"}), "n1 n2"),
        (spec(nodeSelector={"pool": "none"}), ""),
        (required(labelled("pool", "In", "web", "gpu")), "n1 n2"),
        (required(labelled("pool", "NotIn", "web")), "n4"),
        (required(labelled("pool", "Exists")), "n1 n2"),
        (required(labelled("pool", "DoesNotExist")), "n4"),
        (required(labelled("cores", "Gt", "4")), "n1"),
        (required(labelled("cores", "Lt", "4")), ""),
        (required(labelled("cores", "Gt", "many")), ""),
        (required({}), ""),
        (required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}), "n2"),
        (required(labelled("cores", "Exists"), labelled(ZONE, "In", "b")), "n1 n2"),
        (spec(tolerations=[TOLERATED]), "n1 n2 n3 n4"),
        (spec(tolerations=[{**TOLERATED, "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}]), "n1 n2 n3 n4"),
        (spec(tolerations=[{**TOLERATED, "operator": "Equal", "value": "web"}]), "n1 n2 n4"),
        (spec(tolerations=[{**TOLERATED, "effect": "NoExecute"}]), "n1 n2 n4"),
        (spec(tolerations=[TOLERATED], nodeSelector={"pool": "gpu"}), "n3"),
    ],
)
def test_nodes_are_selected_as_the_scheduler_does(settings: dict[str, Any], names: str) -> None:
    assert " ".join(node.name for node in NODES if can_schedule(backend(**settings), node)) == names


def test_a_noexecute_taint_must_be_tolerated_without_limit() -> None:
    node = Node("n", {}, (("dedicated", "", "NoExecute"),))
    assert can_schedule(backend(**spec(tolerations=[TOLERATED])), node)
    assert not can_schedule(backend(**spec(tolerations=[{**TOLERATED, "tolerationSeconds": 60}])), node)


def test_the_promise_counts_only_eligible_nodes() -> None:
    settings = backend(**spec(nodeSelector={"pool": "web"}))
    left = eligible_facts(settings, FACTS)
    assert (left.zones, left.nodes, left.largest_node) == (("a", "b"), 2, SMALL)
    result = promise(settings, FACTS).as_output()
    assert "spread over 2 zones" in result["zone"]["why"]
    assert "spread over 3 zones" in promise(backend(), FACTS).as_output()["zone"]["why"]
    gpu = eligible_facts(backend(**spec(tolerations=[TOLERATED])), FACTS)
    assert (gpu.zones, gpu.nodes, gpu.largest_node) == (("a", "b", "c"), 4, LARGE)


def test_rules_consider_only_eligible_nodes() -> None:
    """With two of three zones, the loss of one leaves half of the pods and not two thirds."""
    settings = backend(**{**spec(nodeSelector={"pool": "web"}), "survive": "zone", "replicas": 4})
    assert [one.key for one in conflicts(settings, FACTS)] == ["autoscaling.cpuPercent"]
    assert not conflicts(backend(survive="zone", replicas=4, autoscaling={"cpuPercent": 50}), FACTS)


def test_a_zone_without_nodes_stays_eligible() -> None:
    named = replace(FACTS, zones=("a", "b", "c", "down"))
    assert eligible_facts(backend(**spec(nodeSelector={"pool": "web"})), named).zones == ("a", "b", "down")


def test_only_zones_decide_if_nothing_else_is_known() -> None:
    known = facts_from_settings(ExistingCluster(kind="existing", kubeconfig="k", context="c", zones=["a", "b", "c"]))
    assert eligible_facts(backend(**spec(nodeSelector={"pool": "web"})), known) == known
    left = eligible_facts(backend(**required(labelled(ZONE, "In", "a", "b"))), known)
    assert (left.zones, left.nodes) == (("a", "b"), None)
    (conflict,) = conflicts(backend(**{**required(labelled(ZONE, "In", "a")), "survive": "zone"}), known)
    assert conflict.key == "podTemplate.spec.affinity.nodeAffinity"


def test_unknown_facts_stay_unknown() -> None:
    assert eligible_facts(backend(**spec(nodeSelector={"pool": "web"})), ClusterFacts()) == ClusterFacts()


def test_the_facts_of_an_embedded_cluster_match_the_nodes_it_creates() -> None:
    local = LocalCluster.model_validate({"kind": "local", "nodesPerZone": 2})
    for node, created in zip(
        facts_from_settings(local).inventory,
        kwok_config.node_objects(["zone-a", "zone-b", "zone-c"], 2, "1.36"),
        strict=True,
    ):
        assert node.name == created["metadata"]["name"]
        assert dict(node.labels) == created["metadata"]["labels"]
        assert node.complete
    real = facts_from_settings(LocalCluster.model_validate({"kind": "local", "nodes": "real"})).inventory
    assert not any(node.complete or node.allocatable for node in real), "its kubelet adds labels"


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        (None, ""),
        ({"data": frozenset({"ReadWriteMany"})}, ""),
        ({"data": frozenset({"ReadOnlyMany", "ReadWriteOnce"})}, ""),
        ({"data": frozenset({"ReadWriteOnce"})}, "can be mounted on one node only (ReadWriteOnce)"),
        ({"data": frozenset({"ReadWriteOncePod"})}, "can be mounted on one node only (ReadWriteOncePod)"),
        ({}, "does not exist in namespace backend-service"),
    ],
)
def test_a_claim_that_only_one_node_can_mount_is_rejected(claims: Any, text: str) -> None:
    settings = backend(**spec(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
    conflict = conflicts(settings, replace(FACTS, claims=claims))
    assert [one.key for one in conflict] == (
        ["podTemplate.spec.volumes[0].persistentVolumeClaim.claimName"] if text else []
    )
    assert all(text in one.text for one in conflict)
