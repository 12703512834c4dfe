"""Clusters of Cluster API, with its real managers and the real engine: created, grown, upgraded and deleted.

The machines are in memory (the development provider), so no pod runs there. The tests depend on one another and run in
order. A cluster that never becomes ready is created next to them, and tens of clusters at the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from pulumi import automation as auto

from components.inspection.client import Client
from tests.support.managers.platform import ZONES, managed

pytestmark = pytest.mark.slow

MANY = 20
MANY_CLUSTERS = f"""
import pulumi
from components import Cluster

settings = pulumi.Config().require_object("cluster")
for number in range({MANY}):
    Cluster(f"cluster-{{number}}", {{**settings, "name": f"many-{{number}}"}})
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A management cluster with the managers of Cluster API."""
    with managed(tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="module")
def stalled(platform: Any) -> Iterator[tuple[auto.Stack, Future[str]]]:
    """The stack of a cluster whose machines never start, and the result of its update, which runs in parallel."""
    stack = platform.another("stalled", readyMinutes=1, development={"machineSeconds": 3600})

    def update() -> str:
        with pytest.raises(auto.CommandError) as raised:
            stack.up(on_output=print)
        return str(raised.value)

    with ThreadPoolExecutor(1) as executor:
        yield stack, executor.submit(update)


def rejected(stack: auto.Stack) -> str:
    """Return the output of a preview that fails before anything is created."""
    with pytest.raises(auto.CommandError) as raised:
        stack.preview()
    text = str(raised.value)
    assert "Traceback" not in text, text
    return text


def nodes(stack: auto.Stack) -> list[str]:
    """Return the nodes, as the API server of the cluster lists them."""
    response = Client(stack.outputs()["kubeconfig"].value).get_if_permitted("/api/v1/nodes")
    assert response is not None
    return [node["metadata"]["name"] for node in response["items"]]


def test_all_problems_are_reported_together(platform: Any) -> None:
    text = rejected(platform.stack(namespace="nowhere", clusterClass={"name": "none"}))
    assert "cluster.namespace: there is no namespace 'nowhere' on the management cluster" in text
    assert "cluster.clusterClass.name: there is no ClusterClass 'none' in namespace 'nowhere': use one of" in text
    text = rejected(
        platform.stack(
            namespace="default",
            clusterClass=None,
            development=None,
            aws={"region": "eu-central-1"},
            zones=["eu-central-1a"],
        )
    )
    assert (
        "cluster.aws: the management cluster does not serve AWSMachineTemplate (infrastructure.cluster.x-k8s.io" in text
    )
    platform.stack(aws=None, development={"machineSeconds": 1}, zones=ZONES)
    assert platform.named("clusters") == []


def test_a_cluster_is_created_and_awaited(platform: Any, stalled: tuple[auto.Stack, Future[str]]) -> None:
    stack = platform.stack()
    outputs = stack.up(on_output=print).outputs
    assert outputs["kubeconfig"].secret
    assert outputs["zones"].value == ZONES
    assert len(nodes(stack)) == 6  # three of the control plane, one in each zone
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    assert (
        "client-key-data"
        not in (platform.folder / "state" / ".pulumi" / "stacks" / "platform" / "dev.json").read_text()
    )


def test_a_cluster_that_does_not_become_ready_is_reported_and_deleted(
    platform: Any, stalled: tuple[auto.Stack, Future[str]]
) -> None:
    stack, result = stalled
    text = result.result()
    assert "The cluster stalled in namespace default is not ready after 60 s:" in text
    assert "ControlPlaneInitialized is False" in text
    assert "Machine stalled-" in text
    assert "Traceback" not in text
    stack.destroy(on_output=print)
    assert platform.named("clusters") == ["shop"]


def test_it_grows_by_machines_and_by_a_pool(platform: Any) -> None:
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}])
    assert set(stack.preview().change_summary) == {"same", "update"}
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}, {"name": "extra"}])
    stack.up(on_output=print)
    assert len(nodes(stack)) == 12


def test_it_is_upgraded_and_its_machines_replaced_and_never_downgraded(platform: Any) -> None:
    """Upgrade, replace the template of all machines, and delete a pool, whose class is in use until then."""
    text = rejected(platform.stack(version="1.37.0"))
    assert (
        "cluster.version: '1.37.0' is more than one minor version above the running version, 1.35.2: upgrade to" in text
    )
    stack = platform.stack(version="1.36.3")
    assert set(stack.preview().change_summary) == {"same", "update"}
    identifier = stack.outputs()["identifier"].value
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}], development={"machineSeconds": 2})
    changes = stack.preview().change_summary
    assert changes.get("create-replacement") or changes.get("replace")
    assert stack.up(on_output=print).outputs["identifier"].value == identifier
    assert platform.versions() == ["v1.36.3"] * 9
    assert len(nodes(stack)) == 9
    assert len(platform.named("clusterclasses")) == 1
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    assert "and Kubernetes cannot be downgraded: leave it at '1.36.3'" in rejected(platform.stack(version="1.35.2"))
    platform.stack(version="1.36.3")


def test_a_protected_cluster_is_not_deleted(platform: Any) -> None:
    main = platform.program / "__main__.py"
    before = main.read_text()
    call = 'require_object("cluster")'
    protected = before.replace(f"{call})", f"{call}, opts=pulumi.ResourceOptions(protect=True))")
    assert protected != before
    stack = platform.stack()
    try:
        main.write_text(protected)
        stack.up(on_output=print)
        with pytest.raises(auto.CommandError, match="protected"):
            stack.destroy(on_output=print)
        assert platform.named("clusters") == ["shop"]
    finally:
        main.write_text(before)
    stack.up(on_output=print)


def test_a_deleted_cluster_leaves_nothing_on_the_management_cluster(platform: Any) -> None:
    platform.stack().destroy(on_output=print)
    platform.gone("clusters", "machines", "clusterclasses", "machinedeployments", "devmachinetemplates", "secrets")


def test_tens_of_clusters_are_created_and_deleted_in_one_run(platform: Any) -> None:
    (platform.program / "__main__.py").write_text(MANY_CLUSTERS)
    stack = platform.another(
        "many",
        workers=[{"name": "general"}],
        zones=["zone-a"],
        development={"controlPlaneMachines": 1, "machineSeconds": 1},
    )
    start = time.monotonic()
    stack.up(on_output=print)
    print(f"{MANY} clusters in {time.monotonic() - start:.0f} s")
    assert len(platform.named("clusters")) == MANY
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    stack.destroy(on_output=print)
    platform.gone("clusters", "machines", "clusterclasses")
