"""Reading the facts of a cluster."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from components.availability import UNKNOWN, Allocatable
from components.inspection import cluster_reader
from components.inspection.client import InspectionError
from tests.support.fake_api_client import FORBIDDEN, fake_client, groups, items, named, version
from tests.support.observations import node

CONTROL_PLANE = [("node-role.kubernetes.io/control-plane", "NoSchedule")]


def cluster(*nodes: Any, **more: Any) -> Any:
    return fake_client(list_node=items(*nodes), **more)


def test_a_cluster_that_reports_nothing_is_unknown() -> None:
    assert cluster_reader.read_cluster_facts(fake_client()) == UNKNOWN


def test_what_the_account_may_not_read_stays_unknown() -> None:
    calls = ("list_node", "get_code", "get_api_versions", "list_priority_class")
    assert cluster_reader.read_cluster_facts(fake_client(**dict.fromkeys(calls, FORBIDDEN))) == UNKNOWN
    facts = cluster_reader.read_cluster_facts(cluster(node("one", zone="a"), list_priority_class=FORBIDDEN))
    assert (facts.zones, facts.nodes, facts.priority_classes) == (("a",), 1, None)


def test_the_number_of_pods_is_an_integer() -> None:
    largest = cluster_reader.read_cluster_facts(cluster(node("one", pods="110"))).largest_node
    assert largest is not None
    assert type(largest.pods) is int


def test_failure_domains_version_and_features() -> None:
    facts = cluster_reader.read_cluster_facts(
        cluster(
            node("one", zone="b"),
            node("two", zone="a", cpu="2", memory="16Gi", storage="10Gi"),
            node("three", zone="a", storage="102400Ki", pods="250"),
            get_code=version("1", "36"),
            get_api_versions=groups("apps", "metrics.k8s.io"),
            list_priority_class=named("high", "system-node-critical"),
        )
    )
    assert (facts.zones, facts.nodes, facts.version) == (("a", "b"), 3, (1, 36))
    assert facts.largest_node == Allocatable(Decimal(4), Decimal(16 * 2**30), Decimal(64 * 2**30), 250)
    assert facts.dedicated is False
    assert (facts.apis, facts.priority_classes) == (
        frozenset({"apps", "metrics.k8s.io"}),
        frozenset({"high", "system-node-critical"}),
    )


def test_a_tainted_node_is_no_failure_domain() -> None:
    facts = cluster_reader.read_cluster_facts(
        cluster(
            node("one", zone="a"),
            node("two", zone="b", cpu="64", memory="1Ti", storage="1Ti", pods="500", taints=CONTROL_PLANE),
        )
    )
    assert (facts.zones, facts.nodes) == (("a",), 1)
    assert facts.largest_node == Allocatable(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110)


@pytest.mark.parametrize(
    "down",
    [
        {"ready": "Unknown"},
        {"cordoned": True},
        {"taints": [("node.kubernetes.io/unreachable", "NoExecute")]},
        {"taints": [("node.kubernetes.io/unschedulable", "NoSchedule")]},
        {"taints": [("example.org/shared", "PreferNoSchedule")]},
    ],
)
def test_a_node_that_is_down_or_cordoned_is_a_failure_domain(down: dict[str, Any]) -> None:
    facts = cluster_reader.read_cluster_facts(cluster(node("one", zone="a"), node("two", zone="b", **down)))
    assert (facts.zones, facts.nodes) == (("a", "b"), 2)


def test_the_inventory_includes_tainted_nodes() -> None:
    facts = cluster_reader.read_cluster_facts(
        cluster(
            node("one", zone="a"),
            node("two", zone="b", taints=[*CONTROL_PLANE, ("node.kubernetes.io/unreachable", "NoExecute")]),
        )
    )
    one, two = facts.inventory
    assert (one.name, dict(one.labels), one.taints, one.complete) == (
        "one",
        {"topology.kubernetes.io/zone": "a"},
        (),
        True,
    )
    assert two.taints == (("node-role.kubernetes.io/control-plane", "", "NoSchedule"),), (
        "a taint that Kubernetes removes is not permanent"
    )
    assert one.allocatable == facts.largest_node


def test_nodes_without_zones_and_no_nodes_at_all() -> None:
    facts = cluster_reader.read_cluster_facts(cluster(node("one"), node("two")))
    assert (facts.zones, facts.nodes, facts.zones_known) == ((), 2, True)
    facts = cluster_reader.read_cluster_facts(cluster())
    assert (facts.zones, facts.nodes, facts.largest_node) == ((), 0, None)


@pytest.mark.parametrize(
    ("major", "minor", "known"),
    [("1", "36", (1, 36)), ("1", "30+", (1, 30)), ("1", "27-eks", (1, 27)), ("2", "0", (2, 0))],
)
def test_a_version(major: str, minor: str, known: tuple[int, int]) -> None:
    assert cluster_reader.read_cluster_facts(fake_client(get_code=version(major, minor))).version == known


def test_an_unreadable_version_is_reported() -> None:
    with pytest.raises(InspectionError, match=r"reports the version 'v\.x'"):
        cluster_reader.read_cluster_facts(fake_client(get_code=version("", "x")))


@pytest.mark.parametrize(
    ("subject", "accepts"),
    [
        (node("a"), True),
        (node("a", ready="False"), False),
        (node("a", cordoned=True), False),
        (node("a", taints=CONTROL_PLANE), False),
        (node("a", taints=[("x", "PreferNoSchedule")]), True),
    ],
)
def test_whether_a_node_accepts_pods_now(subject: Any, accepts: bool) -> None:
    assert (cluster_reader.accepts_pods(subject) and not cluster_reader.node_facts(subject).taints) is accepts


def test_route_fields_are_read_from_the_published_schema() -> None:
    def route_fields(response: Any) -> Any:
        client: Any = SimpleNamespace(get_if_permitted=lambda path: response)
        return cluster_reader.read_route_fields(client)

    def schema(kind: str, rule: Any) -> Any:
        return {
            "x-kubernetes-group-version-kind": [{"group": "gateway.networking.k8s.io", "version": "v1", "kind": kind}],
            "properties": {"spec": {"properties": {"rules": {"items": {"properties": rule}}}}},
        }

    assert route_fields(
        {
            "components": {
                "schemas": {
                    "a": schema("GRPCRoute", {"retry": {}}),
                    "b": {},
                    "c": schema("HTTPRoute", {"matches": {}, "timeouts": {}}),
                }
            }
        }
    ) == {"matches", "timeouts"}
    assert route_fields(None) is None, "the account may not read it"
    assert route_fields({"components": {"schemas": {"a": schema("GRPCRoute", {})}}}) is None
