"""The nodes that pods may be put on, where additions to the pod choose among them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from components.availability import ClusterFacts, Node, Room, conflicts, promise, stated
from components.availability.scheduling import accepts, reached
from components.devcluster import kwok_config
from components.settings import ExistingCluster, LocalCluster
from components.settings.well_known import ZONE_LABEL as ZONE
from tests.support.fake_engine import backend
from tests.support.pod_templates import spec

ROOM = Room(Decimal(4), Decimal(2**33), Decimal(2**36), 110)
LARGE = replace(ROOM, cpu=Decimal(64))
NODES = (
    Node("n1", {ZONE: "a", "pool": "web", "cores": "8"}, (), ROOM),
    Node("n2", {ZONE: "b", "pool": "web"}, (), ROOM),
    Node("n3", {ZONE: "c", "pool": "gpu"}, (("dedicated", "gpu", "NoSchedule"),), LARGE),
    Node("n4", {ZONE: "c"}, (), ROOM),
)
FACTS = ClusterFacts(("a", "b", "c"), 3, ROOM, inventory=NODES)
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
TOLERATED = {"key": "dedicated", "operator": "Exists"}


def required(*terms: Any) -> dict[str, Any]:
    return spec(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}})


def labelled(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("given", "names"),
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
def test_as_the_scheduler_chooses(given: dict[str, Any], names: str) -> None:
    assert " ".join(node.name for node in NODES if accepts(backend(**given), node)) == names


def test_a_taint_that_ends_pods_must_be_borne_for_ever() -> None:
    node = Node("n", {}, (("dedicated", "", "NoExecute"),))
    assert accepts(backend(**spec(tolerations=[TOLERATED])), node)
    assert not accepts(backend(**spec(tolerations=[{**TOLERATED, "tolerationSeconds": 60}])), node)


def test_all_that_is_promised_is_of_these_nodes() -> None:
    given = backend(**spec(nodeSelector={"pool": "web"}))
    left = reached(given, FACTS)
    assert (left.zones, left.nodes, left.room) == (("a", "b"), 2, ROOM)
    told = promise(given, FACTS).as_output()
    assert "spread over 2 zones" in told["zone"]["why"]
    assert "spread over 3 zones" in promise(backend(), FACTS).as_output()["zone"]["why"]
    gpu = reached(backend(**spec(tolerations=[TOLERATED])), FACTS)
    assert (gpu.zones, gpu.nodes, gpu.room) == (("a", "b", "c"), 4, LARGE)


def test_rules_look_at_these_nodes() -> None:
    """Two of three zones: what is left when one is lost has half the pods and not two thirds."""
    given = backend(**{**spec(nodeSelector={"pool": "web"}), "survive": "zone", "replicas": 4})
    assert [one.key for one in conflicts(given, FACTS)] == ["autoscaling.cpuPercent"]
    assert not conflicts(backend(survive="zone", replicas=4, autoscaling={"cpuPercent": 50}), FACTS)


def test_a_zone_that_has_lost_its_nodes_may_still_have_the_right_ones() -> None:
    named = replace(FACTS, zones=("a", "b", "c", "down"))
    assert reached(backend(**spec(nodeSelector={"pool": "web"})), named).zones == ("a", "b", "down")


def test_where_only_zones_are_known_they_alone_decide() -> None:
    known = stated(ExistingCluster(kind="existing", kubeconfig="k", context="c", zones=["a", "b", "c"]))
    assert reached(backend(**spec(nodeSelector={"pool": "web"})), known) == known
    left = reached(backend(**required(labelled(ZONE, "In", "a", "b"))), known)
    assert (left.zones, left.nodes) == (("a", "b"), None)
    (found,) = conflicts(backend(**{**required(labelled(ZONE, "In", "a")), "survive": "zone"}), known)
    assert found.key == "podTemplate.spec.affinity.nodeAffinity"


def test_nothing_is_asked_where_nothing_is_known() -> None:
    assert reached(backend(**spec(nodeSelector={"pool": "web"})), ClusterFacts()) == ClusterFacts()


def test_the_nodes_of_an_embedded_cluster_are_those_that_are_made() -> None:
    local = LocalCluster.model_validate({"kind": "local", "nodesPerZone": 2})
    for node, made in zip(
        stated(local).inventory, kwok_config.nodes(["zone-a", "zone-b", "zone-c"], 2, "1.36"), strict=True
    ):
        assert node.name == made["metadata"]["name"]
        assert dict(node.labels) == made["metadata"]["labels"]
        assert node.complete
    real = stated(LocalCluster.model_validate({"kind": "local", "nodes": "real"})).inventory
    assert not any(node.complete or node.room for node in real), "it has labels of its kubelet's besides"


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        (None, ""),
        ({"data": frozenset({"ReadWriteMany"})}, ""),
        ({"data": frozenset({"ReadOnlyMany", "ReadWriteOnce"})}, ""),
        ({"data": frozenset({"ReadWriteOnce"})}, "can be mounted by one node only (ReadWriteOnce)"),
        ({"data": frozenset({"ReadWriteOncePod"})}, "can be mounted by one node only (ReadWriteOncePod)"),
        ({}, "is not there in namespace backend-service"),
    ],
)
def test_a_claim_that_one_node_can_mount_is_refused(claims: Any, text: str) -> None:
    given = backend(**spec(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
    found = conflicts(given, replace(FACTS, claims=claims))
    assert [one.key for one in found] == (
        ["podTemplate.spec.volumes[0].persistentVolumeClaim.claimName"] if text else []
    )
    assert all(text in one.text for one in found)
