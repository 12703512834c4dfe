"""Whether a cluster of Cluster API is ready, and which condition says that it is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.inspection import workload
from components.inspection.access import Access
from components.inspection.client import InspectionError
from tests.support.cluster_api import condition, secret, seen


class Management:
    """Answers by path; what it does not know is not there."""

    def __init__(self, *clusters: Any, **lists: Any) -> None:
        self.clusters, self.lists = list(clusters), lists

    def sees(self, path: str) -> bool:
        return bool(self.clusters)

    def look(self, path: str) -> Any:
        if path.endswith("-kubeconfig"):
            return secret("the kubeconfig")
        found = self.clusters.pop(0) if len(self.clusters) > 1 else self.clusters[0]
        if isinstance(found, Exception):
            raise found
        return found

    def listed(self, path: str, selector: str, *, needed: bool = True) -> tuple[Any, ...]:
        assert selector == "cluster.x-k8s.io/cluster-name=shop"
        return tuple(self.lists.get(path.rpartition("/")[2], ()))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    passed = [0.0]
    monkeypatch.setattr(workload.time, "monotonic", lambda: passed[0])
    return passed


def awaited(client: Any, clock: list[float], seconds: float = 10) -> tuple[Access, list[str]]:
    told: list[str] = []
    for step in workload.becoming(client, "shop", "default", seconds, told.append):
        if isinstance(step, Access):
            return step, told
        clock[0] += step
    raise AssertionError("it ended without a word")


def test_one_that_is_ready_says_nothing() -> None:
    assert workload.unready(seen()) == []
    assert workload.unready(seen(condition("ControlPlaneInitialized", generation=1))) == [], "it is said once"


@pytest.mark.parametrize(
    ("different", "text"),
    [
        (
            condition("Available", "False", "NotAvailable", "* ControlPlaneAvailable: x\n* y"),
            "Cluster shop: Available is False (NotAvailable: * ControlPlaneAvailable: x * y)",
        ),
        (condition("WorkersAvailable", "Unknown", ""), "Cluster shop: WorkersAvailable is Unknown (no reason)"),
        (
            condition("TopologyReconciled", generation=1),
            "Cluster shop: TopologyReconciled is of an earlier state of it",
        ),
        (condition("RollingOut", "True", "RollingOut"), "Cluster shop: RollingOut is True (RollingOut)"),
        (condition("Deleting", "True", "x"), "Cluster shop: Deleting is True (x)"),
    ],
)
def test_each_condition_that_is_not_as_it_should_be_is_told(different: dict[str, Any], text: str) -> None:
    assert workload.unready(seen(different)) == [text]


def test_machines_that_are_missing_or_old_are_counted() -> None:
    cluster = seen()
    cluster["status"] |= {
        "controlPlane": {"desiredReplicas": 3, "availableReplicas": 2, "upToDateReplicas": 3},
        "workers": {"desiredReplicas": 3, "availableReplicas": 3, "upToDateReplicas": 1},
    }
    assert workload.unready(cluster) == [
        "Cluster shop: 2 of 3 machines of the control plane are there, and as they should be",
        "Cluster shop: 1 of 3 workers are there, and as they should be",
    ]


def test_one_of_which_nothing_is_said_is_not_ready() -> None:
    cluster = seen()
    cluster["status"] = {}
    assert workload.unready(cluster)[0] == "Cluster shop: TopologyReconciled is not reported yet"


def test_it_is_waited_for_through_a_moment_without_an_answer(clock: list[float]) -> None:
    client = Management(
        seen(condition("Available", "False", "x")), InspectionError("the API server does not answer"), seen()
    )
    way, told = awaited(client, clock)
    assert (way.kubeconfig, way.identity) == ("the kubeconfig", "the-uid")
    assert "kubeconfig" not in repr(way).replace("kubeconfig=", "")
    assert told[0] == "cluster shop: waiting up to 10 s more: Cluster shop: Available is False (x)"
    assert told[-1].startswith("cluster shop: ready after 4 s")


def test_a_stall_ends_with_the_conditions_of_all_that_belongs_to_it(clock: list[float]) -> None:
    machine = {
        "kind": "Machine",
        "metadata": {"name": "shop-1"},
        "status": {"conditions": [condition("Ready", "False", "NotReady", "no quota"), condition("Available", "True")]},
    }
    client = Management(seen(condition("ControlPlaneInitialized", "False", "NotInitialized")), machines=[machine])
    with pytest.raises(workload.NotReadyError) as caught:
        awaited(client, clock)
    assert str(caught.value).splitlines() == [
        "The cluster shop in namespace default was not ready after 10 s:",
        "  Cluster shop: ControlPlaneInitialized is False (NotInitialized)",
        "  Machine shop-1: Ready is False (NotReady: no quota)",
    ]


def test_an_answer_that_fails_at_the_very_end_is_asked_for_again(clock: list[float]) -> None:
    stalls = seen(condition("ControlPlaneInitialized", "False", "NotInitialized"))
    client = Management(*[stalls] * 5, *[InspectionError("read timed out")] * 4, stalls)
    with pytest.raises(workload.NotReadyError, match=r"not ready after 10 s:\n.*ControlPlaneInitialized is False"):
        awaited(client, clock)


def test_of_many_culprits_some_are_named() -> None:
    machines = [
        {"kind": "Machine", "metadata": {"name": f"m{n}"}, "status": {"conditions": [condition("Ready", "False")]}}
        for n in range(12)
    ]
    found = workload.culprits(Management(seen(), machines=machines), "shop", "default")  # type: ignore[arg-type]
    assert len(found) == 9
    assert found[-1] == "and 4 more"


def test_a_deletion_that_takes_long_says_what_it_waits_for() -> None:
    client = Management(
        seen(condition("Deleting", "True", "WaitingForWorkersDeletion", "* Machines: shop-1")),
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
    assert workload.lingering(client, "shop", "default") == [  # type: ignore[arg-type]
        "Cluster shop: Deleting is True (WaitingForWorkersDeletion: * Machines: shop-1)",
        "Machine shop-1: Deleting is True (DrainingNode: Drain not completed yet)",
    ]
    assert workload.lingering(Management(), "shop", "default") == []  # type: ignore[arg-type]
    assert workload.lingering(Management(seen()), "shop", "default") == [  # type: ignore[arg-type]
        "Cluster shop: it is not being deleted"
    ]


def test_nobody_who_answers_is_an_end_as_well(clock: list[float]) -> None:
    with pytest.raises(workload.NotReadyError, match="Nobody can tell whether the cluster shop is ready: gone"):
        awaited(Management(InspectionError("gone")), clock)


def pooled(**workers: int) -> dict[str, Any]:
    """A Cluster whose pools its cloud runs; it counts the pool itself as a machine."""
    cluster = seen()
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


def test_a_pool_that_the_cloud_runs_is_there_when_its_nodes_are(clock: list[float]) -> None:
    cluster = pooled(desiredReplicas=3, availableReplicas=1, upToDateReplicas=0)
    assert awaited(Management(cluster, machinepools=[pool(3)]), clock)[0].identity == "the-uid"


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([], "Cluster shop: 0 of 1 pools are made"),
        ([pool(2)], "MachinePool shop-general: 2 of 3 machines have a node"),
        ([pool(3, version="v1.35.2")], "MachinePool shop-general: it is not asked to run v1.36.3 yet"),
        ([pool(3, runs="v1.35.2")], "MachinePool shop-general: 3 of its machines run v1.35.2"),
    ],
)
def test_a_pool_that_is_not_as_it_should_be_is_waited_for(clock: list[float], found: list[Any], text: str) -> None:
    with pytest.raises(workload.NotReadyError, match=re.escape(text)):
        awaited(Management(pooled(), machinepools=found), clock)
