"""What is asked of an API server, and what is made of the answers."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from components.availability import UNKNOWN, Room
from components.inspection import facts, replica_handover
from components.inspection.client import InspectionError
from components.inspection.observation import observe
from tests.support.fake_api_client import FORBIDDEN, Answering, groups, items, named, version
from tests.support.observations import NAME, RELEASE, autoscaler, budget, deployment, node, pod, service

CONTROL_PLANE = [("node-role.kubernetes.io/control-plane", "NoSchedule")]
SPACE = "team"


def cluster(*nodes: Any, **more: Any) -> Any:
    return Answering(list_node=items(*nodes), **more)


def test_nothing_is_known_of_a_cluster_that_tells_nothing() -> None:
    assert facts.of_cluster(Answering()) == UNKNOWN


def test_what_the_account_may_not_see_of_a_cluster_stays_unknown() -> None:
    calls = ("list_node", "get_code", "get_api_versions", "list_priority_class")
    assert facts.of_cluster(Answering(**dict.fromkeys(calls, FORBIDDEN))) == UNKNOWN
    found = facts.of_cluster(cluster(node("one", zone="a"), list_priority_class=FORBIDDEN))
    assert (found.zones, found.nodes, found.priority_classes) == (("a",), 1, None)


def test_how_many_pods_a_node_takes_is_a_whole_number() -> None:
    room = facts.of_cluster(cluster(node("one", pods="110"))).room
    assert room is not None
    assert type(room.pods) is int


def test_its_failure_domains_version_and_abilities() -> None:
    found = facts.of_cluster(
        cluster(
            node("one", zone="b"),
            node("two", zone="a", cpu="2", memory="16Gi", storage="10Gi"),
            node("three", zone="a", storage="102400Ki", pods="250"),
            get_code=version("1", "36"),
            get_api_versions=groups("apps", "metrics.k8s.io"),
            list_priority_class=named("high", "system-node-critical"),
        )
    )
    assert (found.zones, found.nodes, found.version) == (("a", "b"), 3, (1, 36))
    assert found.room == Room(Decimal(4), Decimal(16 * 2**30), Decimal(64 * 2**30), 250)
    assert found.ours_alone is False
    assert (found.apis, found.priority_classes) == ({"apps", "metrics.k8s.io"}, {"high", "system-node-critical"})


def test_a_node_that_is_set_aside_is_no_failure_domain() -> None:
    found = facts.of_cluster(
        cluster(
            node("one", zone="a"),
            node("two", zone="b", cpu="64", memory="1Ti", storage="1Ti", pods="500", taints=CONTROL_PLANE),
        )
    )
    assert (found.zones, found.nodes) == (("a",), 1)
    assert found.room == Room(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110)


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
def test_a_node_that_is_down_or_cordoned_still_is_one(down: dict[str, Any]) -> None:
    found = facts.of_cluster(cluster(node("one", zone="a"), node("two", zone="b", **down)))
    assert (found.zones, found.nodes) == (("a", "b"), 2)


def test_its_nodes_are_known_one_by_one_those_that_are_set_aside_too() -> None:
    found = facts.of_cluster(
        cluster(
            node("one", zone="a"),
            node("two", zone="b", taints=[*CONTROL_PLANE, ("node.kubernetes.io/unreachable", "NoExecute")]),
        )
    )
    one, two = found.inventory
    assert (one.name, dict(one.labels), one.taints, one.complete) == (
        "one",
        {"topology.kubernetes.io/zone": "a"},
        (),
        True,
    )
    assert two.taints == (("node-role.kubernetes.io/control-plane", "", "NoSchedule"),), "what passes is none for good"
    assert one.room == found.room


def test_nodes_without_zones_and_no_nodes_at_all() -> None:
    found = facts.of_cluster(cluster(node("one"), node("two")))
    assert (found.zones, found.nodes, found.zones_known) == ((), 2, True)
    found = facts.of_cluster(cluster())
    assert (found.zones, found.nodes, found.room) == ((), 0, None)


@pytest.mark.parametrize(
    ("major", "minor", "known"),
    [("1", "36", (1, 36)), ("1", "30+", (1, 30)), ("1", "27-eks", (1, 27)), ("2", "0", (2, 0))],
)
def test_a_version(major: str, minor: str, known: tuple[int, int]) -> None:
    assert facts.of_cluster(Answering(get_code=version(major, minor))).version == known


def test_a_version_that_is_none_is_told() -> None:
    with pytest.raises(InspectionError, match=r"calls its version 'v\.x'"):
        facts.of_cluster(Answering(get_code=version("", "x")))


@pytest.mark.parametrize(
    ("given", "takes"),
    [
        (node("a"), True),
        (node("a", ready="False"), False),
        (node("a", cordoned=True), False),
        (node("a", taints=CONTROL_PLANE), False),
        (node("a", taints=[("x", "PreferNoSchedule")]), True),
    ],
)
def test_a_node_takes_pods_at_this_moment(given: Any, takes: bool) -> None:
    assert (facts.takes_pods(given) and not facts.seen(given).taints) is takes


def endpoint(ready: bool | None, host: str) -> SimpleNamespace:
    return SimpleNamespace(conditions=SimpleNamespace(ready=ready), node_name=host, zone=None)


def test_a_backend_is_observed_by_its_name() -> None:
    replica_set = SimpleNamespace(
        metadata=SimpleNamespace(name=RELEASE, owner_references=[SimpleNamespace(kind="Deployment", name=NAME)])
    )
    client: Any = cluster(
        node("one", zone="a"),
        node("two", zone="b", cordoned=True),
        node("three"),
        read_namespaced_deployment=deployment(),
        read_namespaced_horizontal_pod_autoscaler=autoscaler(),
        read_namespaced_pod_disruption_budget=budget(),
        read_namespaced_service=service(),
        list_namespaced_pod=items(pod("a"), pod("b")),
        list_namespaced_replica_set=items(replica_set),
        list_namespaced_endpoint_slice=items(
            SimpleNamespace(endpoints=[endpoint(True, "one"), endpoint(False, "two")]), SimpleNamespace(endpoints=None)
        ),
        list_namespaced_custom_object={"items": [{"metadata": {"name": "v"}}]},
    )
    seen = observe(client, NAME, SPACE)
    assert seen.deployment.spec.replicas == 3
    assert (seen.autoscaler.spec.max_replicas, seen.budget.status.disruptions_allowed) == (10, 1)
    assert [pod.metadata.name for pod in seen.pods] == ["a", "b"]
    assert [endpoint.node_name for endpoint in seen.endpoints] == ["one"]
    assert (seen.zones, seen.nodes) == ({"a"}, {"one", "three"})
    assert (dict(seen.owners), len(seen.vertical)) == ({RELEASE: NAME}, 1)
    asked = {call: rest for call, *rest in client.asked}
    assert asked["list_namespaced_pod"] == [SPACE, f"app.kubernetes.io/name={NAME}"]
    assert asked["list_namespaced_endpoint_slice"] == [SPACE, f"kubernetes.io/service-name={NAME}"]
    assert asked["read_namespaced_deployment"] == asked["read_namespaced_service"] == [NAME, SPACE]


def test_only_nodes_that_its_pods_may_be_on_are_looked_at() -> None:
    """Else the proof would ask for pods where they cannot be."""
    client: Any = cluster(
        node("one", zone="a"),
        node("two", zone="b"),
        node("three", zone="c", taints=CONTROL_PLANE),
        read_namespaced_service=service(),
    )
    seen = observe(client, NAME, SPACE)
    assert (seen.zones, seen.nodes) == ({"a", "b"}, {"one", "two"})
    seen = observe(client, NAME, SPACE, lambda node: node.name != "one")
    assert (seen.zones, seen.nodes) == ({"b", "c"}, {"two", "three"})


def test_ways_in_are_asked_for_where_there_should_be_some() -> None:
    client: Any = Answering(read_namespaced_ingress="the ingress", get_namespaced_custom_object={"the": "route"})
    seen = observe(client, NAME, SPACE)
    assert (seen.ingress, seen.route) == (None, None)
    assert not {"read_namespaced_ingress", "get_namespaced_custom_object"} & {call for call, *_ in client.asked}
    seen = observe(client, NAME, SPACE, ways_in=("ingress", "route"))
    assert (seen.ingress, seen.route) == ("the ingress", {"the": "route"})
    assert ("get_namespaced_custom_object", NAME, SPACE) in client.asked


def test_nothing_is_there() -> None:
    client: Any = Answering()
    seen = observe(client, NAME, SPACE)
    assert (seen.deployment, seen.autoscaler, seen.budget, seen.service) == (None, None, None, None)
    assert not any((seen.pods, seen.endpoints, seen.zones, seen.nodes, seen.vertical, seen.owners))
    assert "list_namespaced_pod" not in [call for call, *_ in client.asked], "without a selector it would be every pod"


@pytest.mark.parametrize(
    "call",
    [
        "read_namespaced_deployment",
        "read_namespaced_horizontal_pod_autoscaler",
        "read_namespaced_pod_disruption_budget",
        "read_namespaced_service",
        "list_namespaced_pod",
        "list_namespaced_replica_set",
        "list_namespaced_endpoint_slice",
    ],
)
def test_what_is_ours_and_may_not_be_seen_is_told_and_not_taken_for_missing(call: str) -> None:
    client: Any = Answering(**{"read_namespaced_service": service(), call: FORBIDDEN})
    with pytest.raises(InspectionError, match=f"answers 403 .{call} is forbidden"):
        observe(client, NAME, SPACE)


def test_nodes_and_vertical_autoscalers_can_be_done_without() -> None:
    client: Any = Answering(
        list_node=FORBIDDEN,
        list_namespaced_custom_object=FORBIDDEN,
        read_namespaced_service=service(),
        read_namespaced_deployment=deployment(),
    )
    seen = observe(client, NAME, SPACE)
    assert (seen.zones, seen.nodes, seen.vertical) == (frozenset(), frozenset(), ())
    assert seen.deployment is not None


@pytest.mark.parametrize(
    ("labels", "released"),
    [
        ({"app.kubernetes.io/managed-by": "pulumi"}, True),
        ({"app.kubernetes.io/managed-by": "Helm"}, False),
        (None, False),
    ],
)
def test_only_our_own_autoscaler_is_released(monkeypatch: pytest.MonkeyPatch, labels: Any, released: bool) -> None:
    found = SimpleNamespace(metadata=SimpleNamespace(labels=labels))
    client = Answering(read_namespaced_horizontal_pod_autoscaler=found)
    monkeypatch.setattr(replica_handover, "shared", lambda *_: client)
    assert replica_handover.release("kubeconfig", "prod", NAME, SPACE) is released
    deleted = [rest for call, *rest in client.asked if call == "delete_namespaced_horizontal_pod_autoscaler"]
    assert deleted == ([[NAME, SPACE]] if released else [])


@pytest.mark.parametrize(
    "call", ["read_namespaced_horizontal_pod_autoscaler", "delete_namespaced_horizontal_pod_autoscaler"]
)
def test_an_autoscaler_that_may_not_be_touched_is_not_said_to_be_released(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    ours = SimpleNamespace(metadata=SimpleNamespace(labels={"app.kubernetes.io/managed-by": "pulumi"}))
    client = Answering(**{"read_namespaced_horizontal_pod_autoscaler": ours, call: FORBIDDEN})
    monkeypatch.setattr(replica_handover, "shared", lambda *_: client)
    with pytest.raises(InspectionError, match="403"):
        replica_handover.release("kubeconfig", "prod", NAME, SPACE)


def test_an_autoscaler_that_is_not_there_is_released_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_handover, "shared", lambda *_: Answering())
    assert replica_handover.release("kubeconfig", None, NAME, SPACE) is False


def test_what_a_route_may_hold_is_read_from_the_schema_that_is_published() -> None:
    def told(answer: Any) -> Any:
        client: Any = SimpleNamespace(look=lambda path: answer)
        return facts.route_fields_of(client)

    def schema(kind: str, rule: Any) -> Any:
        return {
            "x-kubernetes-group-version-kind": [{"group": "gateway.networking.k8s.io", "version": "v1", "kind": kind}],
            "properties": {"spec": {"properties": {"rules": {"items": {"properties": rule}}}}},
        }

    assert told(
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
    assert told(None) is None, "it may not be seen"
    assert told({"components": {"schemas": {"a": schema("GRPCRoute", {})}}}) is None
