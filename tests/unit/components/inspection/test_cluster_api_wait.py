"""Waiting for a cluster of Cluster API, and for its deletion."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.inspection import cluster_api_wait
from components.inspection.access import ClusterAccess
from components.inspection.client import InspectionError
from tests.support.cluster_api import cluster_object, condition, secret

SHOP = cluster_api_wait.Managed("shop", "default")


class Management:
    """A fake client of a management cluster."""

    def __init__(self, *clusters: Any, **lists: Any) -> None:
        self.clusters, self.lists = list(clusters), lists

    def exists(self, path: str) -> bool:
        return bool(self.clusters)

    def get_if_permitted(self, path: str) -> Any:
        if path.endswith("-kubeconfig"):
            return secret("the kubeconfig")
        response = self.clusters.pop(0) if len(self.clusters) > 1 else self.clusters[0]
        if isinstance(response, Exception):
            raise response
        return response

    def list_objects(self, path: str, selector: str, *, required: bool = True) -> tuple[Any, ...]:
        assert selector == "cluster.x-k8s.io/cluster-name=shop"
        return tuple(self.lists.get(path.rpartition("/")[2], ()))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    passed = [0.0]
    monkeypatch.setattr("components.inspection.cluster_api_wait.time.monotonic", lambda: passed[0])
    return passed


def wait(client: Any, clock: list[float], seconds: float = 10) -> tuple[ClusterAccess, list[str]]:
    logged: list[str] = []
    for step in cluster_api_wait.readiness_steps(client, SHOP, seconds, logged.append):
        if isinstance(step, ClusterAccess):
            return step, logged
        clock[0] += step
    raise AssertionError("it ended without a result")


def test_it_waits_while_the_api_server_does_not_respond_for_a_moment(clock: list[float]) -> None:
    client = Management(
        cluster_object(condition("Available", "False", "x")),
        InspectionError("the API server does not respond"),
        cluster_object(),
    )
    access, logged = wait(client, clock)
    assert (access.kubeconfig, access.identifier) == ("the kubeconfig", "the-uid")
    assert "kubeconfig" not in repr(access).replace("kubeconfig=", "")
    assert logged[0] == "cluster shop: waiting up to 10 s more: Cluster shop: Available is False (x)"
    assert logged[-1].startswith("cluster shop: ready after 4 s")


def test_a_timeout_lists_the_conditions_of_all_owned_resources(clock: list[float]) -> None:
    machine = {
        "kind": "Machine",
        "metadata": {"name": "shop-1"},
        "status": {"conditions": [condition("Ready", "False", "NotReady", "no quota"), condition("Available", "True")]},
    }
    client = Management(
        cluster_object(condition("ControlPlaneInitialized", "False", "NotInitialized")), machines=[machine]
    )
    with pytest.raises(cluster_api_wait.ClusterNotReadyError) as caught:
        wait(client, clock)
    assert str(caught.value).splitlines() == [
        "The cluster shop in namespace default is not ready after 10 s:",
        "  Cluster shop: ControlPlaneInitialized is False (NotInitialized)",
        "  Machine shop-1: Ready is False (NotReady: no quota)",
        "Fix the conditions, then run `pulumi up` again: it continues to wait. [workload-cluster-not-ready]",
    ]


def test_a_request_that_fails_at_the_deadline_is_repeated(clock: list[float]) -> None:
    stalls = cluster_object(condition("ControlPlaneInitialized", "False", "NotInitialized"))
    client = Management(*[stalls] * 5, *[InspectionError("read timed out")] * 4, stalls)
    with pytest.raises(
        cluster_api_wait.ClusterNotReadyError, match=r"not ready after 10 s:\n.*ControlPlaneInitialized is False"
    ):
        wait(client, clock)


def test_at_most_eight_conditions_are_listed() -> None:
    machines = [
        {"kind": "Machine", "metadata": {"name": f"m{n}"}, "status": {"conditions": [condition("Ready", "False")]}}
        for n in range(12)
    ]
    response = cluster_api_wait.failing_conditions(Management(cluster_object(), machines=machines), SHOP)  # type: ignore[arg-type]
    assert len(response) == 9
    assert response[-1] == "and 4 more"


def test_a_slow_deletion_names_what_it_waits_for() -> None:
    client = Management(
        cluster_object(condition("Deleting", "True", "WaitingForWorkersDeletion", "* Machines: shop-1")),
        machines=[
            {
                "kind": "Machine",
                "metadata": {"name": "shop-1"},
                "status": {
                    "conditions": [
                        condition("Deleting", "True", "DrainingNode", "Drain not completed yet"),
                        condition("Ready", "False"),
                    ]
                },
            }
        ],
    )
    assert cluster_api_wait.deletion_blockers(client, SHOP) == [  # type: ignore[arg-type]
        "Cluster shop: Deleting is True (WaitingForWorkersDeletion: * Machines: shop-1)",
        "Machine shop-1: Deleting is True (DrainingNode: Drain not completed yet)",
    ]
    assert cluster_api_wait.deletion_blockers(Management(), SHOP) == []  # type: ignore[arg-type]
    assert cluster_api_wait.deletion_blockers(Management(cluster_object()), SHOP) == [  # type: ignore[arg-type]
        "Cluster shop: it is not being deleted"
    ]


def test_an_api_server_that_never_responds_ends_the_wait(clock: list[float]) -> None:
    with pytest.raises(
        cluster_api_wait.ClusterNotReadyError, match="Cannot tell whether the cluster shop is ready: gone"
    ):
        wait(Management(InspectionError("gone")), clock)


def pooled(**workers: int) -> dict[str, Any]:
    """Return a Cluster with machine pools; its status counts a pool as a machine."""
    cluster = cluster_object()
    cluster["spec"]["topology"]["workers"] = {"machinePools": [{"name": "general"}]}
    cluster["status"]["workers"] = workers
    return cluster


def pool(nodes: int, version: str = "v1.36.3", runs: str = "v1.36.3-gke.1") -> dict[str, Any]:
    return {
        "kind": "MachinePool",
        "metadata": {"name": "shop-general"},
        "spec": {"replicas": 3, "template": {"spec": {"version": version}}},
        "status": {"nodeRefs": [{}] * nodes, "versions": [{"version": runs, "replicas": nodes}]},
    }


def test_a_machine_pool_is_ready_once_its_nodes_exist(clock: list[float]) -> None:
    cluster = pooled(desiredReplicas=3, availableReplicas=1, upToDateReplicas=0)
    assert wait(Management(cluster, machinepools=[pool(3)]), clock)[0].identifier == "the-uid"


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ([], "Cluster shop: 0 of 1 machine pools exist"),
        ([pool(2)], "MachinePool shop-general: 2 of 3 machines have a node"),
        ([pool(3, version="v1.35.2")], "MachinePool shop-general: its version is not set to v1.36.3 yet"),
        ([pool(3, runs="v1.35.2")], "MachinePool shop-general: 3 of its machines run v1.35.2"),
    ],
)
def test_an_unready_machine_pool_is_awaited(clock: list[float], response: list[Any], text: str) -> None:
    with pytest.raises(cluster_api_wait.ClusterNotReadyError, match=re.escape(text)):
        wait(Management(pooled(), machinepools=response), clock)
