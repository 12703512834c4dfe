"""Reading the state of a backend."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from components.inspection.client import InspectionError
from components.inspection.observation import observe
from tests.support.fake_api_client import FORBIDDEN, FakeApiClient, items
from tests.support.observations import NAME, REPLICA_SET, autoscaler, budget, deployment, node, pod, service

CONTROL_PLANE = [("node-role.kubernetes.io/control-plane", "NoSchedule")]
NAMESPACE = "team"


def cluster(*nodes: Any, **more: Any) -> Any:
    return FakeApiClient(list_node=items(*nodes), **more)


def endpoint(ready: bool | None, host: str) -> SimpleNamespace:
    return SimpleNamespace(conditions=SimpleNamespace(ready=ready), node_name=host, zone=None)


def test_a_backend_is_read_by_its_name() -> None:
    replica_set = SimpleNamespace(
        metadata=SimpleNamespace(name=REPLICA_SET, owner_references=[SimpleNamespace(kind="Deployment", name=NAME)])
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
    state = observe(client, NAME, NAMESPACE)
    assert state.deployment.spec.replicas == 3
    assert (state.autoscaler.spec.max_replicas, state.budget.status.disruptions_allowed) == (10, 1)
    assert [pod.metadata.name for pod in state.pods] == ["a", "b"]
    assert [endpoint.node_name for endpoint in state.endpoints] == ["one"]
    assert (state.schedulable_zones, state.schedulable_nodes) == (frozenset({"a"}), frozenset({"one", "three"}))
    assert (dict(state.deployment_by_replica_set), len(state.vertical_autoscalers)) == ({REPLICA_SET: NAME}, 1)
    requests = {call: rest for call, *rest in client.requests}
    assert requests["list_namespaced_pod"] == [NAMESPACE, f"app.kubernetes.io/name={NAME}"]
    assert requests["list_namespaced_endpoint_slice"] == [NAMESPACE, f"kubernetes.io/service-name={NAME}"]
    assert requests["read_namespaced_deployment"] == requests["read_namespaced_service"] == [NAME, NAMESPACE]


def test_only_nodes_that_pods_may_run_on_count() -> None:
    """Otherwise the verification would require pods where they cannot run."""
    client: Any = cluster(
        node("one", zone="a"),
        node("two", zone="b"),
        node("three", zone="c", taints=CONTROL_PLANE),
        read_namespaced_service=service(),
    )
    state = observe(client, NAME, NAMESPACE)
    assert (state.schedulable_zones, state.schedulable_nodes) == (frozenset({"a", "b"}), frozenset({"one", "two"}))
    state = observe(client, NAME, NAMESPACE, lambda node: node.name != "one")
    assert (state.schedulable_zones, state.schedulable_nodes) == (frozenset({"b", "c"}), frozenset({"two", "three"}))


def test_ingress_is_read_only_if_it_is_expected() -> None:
    client: Any = FakeApiClient(read_namespaced_ingress="the ingress", get_namespaced_custom_object={"the": "route"})
    state = observe(client, NAME, NAMESPACE)
    assert (state.ingress, state.route) == (None, None)
    assert not {"read_namespaced_ingress", "get_namespaced_custom_object"} & {call for call, *_ in client.requests}
    state = observe(
        client,
        NAME,
        NAMESPACE,
        expected_ingress=("networking.k8s.io/v1/ingresses", "gateway.networking.k8s.io/v1/httproutes"),
    )
    assert (state.ingress, state.route) == ("the ingress", {"the": "route"})
    assert ("get_namespaced_custom_object", NAME, NAMESPACE) in client.requests


def test_a_missing_backend() -> None:
    client: Any = FakeApiClient()
    state = observe(client, NAME, NAMESPACE)
    assert (state.deployment, state.autoscaler, state.budget, state.service) == (None, None, None, None)
    assert not any(
        (
            state.pods,
            state.endpoints,
            state.schedulable_zones,
            state.schedulable_nodes,
            state.vertical_autoscalers,
            state.deployment_by_replica_set,
        )
    )
    assert "list_namespaced_pod" not in [call for call, *_ in client.requests], (
        "without a selector it would be every pod"
    )


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
def test_a_hidden_object_of_the_backend_is_an_error(call: str) -> None:
    client: Any = FakeApiClient(**{"read_namespaced_service": service(), call: FORBIDDEN})
    with pytest.raises(InspectionError, match=f"returned 403 .{call} is forbidden"):
        observe(client, NAME, NAMESPACE)


def test_nodes_and_vertical_autoscalers_are_optional() -> None:
    client: Any = FakeApiClient(
        list_node=FORBIDDEN,
        list_namespaced_custom_object=FORBIDDEN,
        read_namespaced_service=service(),
        read_namespaced_deployment=deployment(),
    )
    state = observe(client, NAME, NAMESPACE)
    assert (state.schedulable_zones, state.schedulable_nodes, state.vertical_autoscalers) == (
        frozenset(),
        frozenset(),
        (),
    )
    assert state.deployment is not None
