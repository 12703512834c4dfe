"""Clusters that Cluster API makes, by its real managers: made, grown, upgraded and removed by the real engine.

The machines are in memory (the development provider), so that no pod runs there. The tests of this file are one life, in the
order of the file; one that never comes up is made beside them, and tens of clusters at their end.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pulumi import automation as auto

from components.inspection.client import Client
from tests.support.managers.platform import ZONES, managed

MANY = 20
SEVERAL = f"""
import pulumi
from components import Cluster

given = pulumi.Config().require_object("cluster")
for number in range({MANY}):
    Cluster(f"cluster-{{number}}", {{**given, "name": f"many-{{number}}"}})
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with managed(tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="module")
def stalled(platform):
    """The stack of a cluster whose machines never start, and the end of what was tried; it is tried beside other tests."""
    stack = platform.another("stalled", readyMinutes=1, development={"machineSeconds": 3600})

    def tried():
        with pytest.raises(auto.CommandError) as found:
            stack.up(on_output=print)
        return str(found.value)

    with ThreadPoolExecutor(1) as beside:
        yield stack, beside.submit(tried)


def refused(stack):
    """What a preview says that is refused before anything is made."""
    with pytest.raises(auto.CommandError) as found:
        stack.preview()
    text = str(found.value)
    assert "Traceback" not in text, text
    return text


def nodes(stack):
    """The nodes of the cluster itself, as its own API server tells."""
    answer = Client(stack.outputs()["kubeconfig"].value).look("/api/v1/nodes")
    return [node["metadata"]["name"] for node in answer["items"]]


def test_what_cannot_work_is_refused_all_at_once(platform):
    text = refused(platform.stack(namespace="nowhere", clusterClass={"name": "none"}))
    assert "cluster.namespace: there is no namespace 'nowhere' on the management cluster" in text
    assert "cluster.clusterClass.name: there is no ClusterClass 'none' in namespace 'nowhere'; there: none" in text
    text = refused(
        platform.stack(
            namespace="default",
            clusterClass=None,
            development=None,
            aws={"region": "eu-central-1"},
            zones=["eu-central-1a"],
        )
    )
    assert (
        "cluster.aws: the management cluster does not know AWSMachineTemplate (infrastructure.cluster.x-k8s.io" in text
    )
    platform.stack(aws=None, development={"machineSeconds": 1}, zones=ZONES)
    assert platform.named("clusters") == []


def test_a_cluster_is_made_and_awaited(platform, stalled):
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


def test_one_that_does_not_come_up_is_told_by_its_condition_and_removed(platform, stalled):
    stack, tried = stalled
    text = tried.result()
    assert "The cluster stalled in namespace default was not ready after 60 s:" in text
    assert "ControlPlaneInitialized is False" in text
    assert "Machine stalled-" in text
    assert "Traceback" not in text
    stack.destroy(on_output=print)
    assert platform.named("clusters") == ["shop"]


def test_it_grows_by_machines_and_by_a_pool(platform):
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}])
    assert set(stack.preview().change_summary) == {"same", "update"}
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}, {"name": "extra"}])
    stack.up(on_output=print)
    assert len(nodes(stack)) == 12


def test_it_is_upgraded_and_replaced_in_order_and_never_back(platform):
    """The upgrade, another template for all machines, and a pool that goes: the class that holds it is in use until then."""
    text = refused(platform.stack(version="1.37.0"))
    assert (
        "cluster.version: '1.37.0' is more than one minor version above what runs, 1.35.2: upgrade to 1.36 first"
        in text
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
    assert "and Kubernetes takes no way back: leave it at '1.36.3'" in refused(platform.stack(version="1.35.2"))
    platform.stack(version="1.36.3")


def test_one_that_is_protected_is_not_deleted(platform):
    main = platform.program / "__main__.py"
    before = main.read_text()
    whole = 'require_object("cluster")'
    protected = before.replace(f"{whole})", f"{whole}, opts=pulumi.ResourceOptions(protect=True))")
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


def test_removed_it_leaves_nothing_on_the_management_cluster(platform):
    platform.stack().destroy(on_output=print)
    platform.gone("clusters", "machines", "clusterclasses", "machinedeployments", "devmachinetemplates", "secrets")


def test_tens_of_clusters_are_made_and_removed_in_one_run(platform):
    (platform.program / "__main__.py").write_text(SEVERAL)
    stack = platform.another(
        "many",
        workers=[{"name": "general"}],
        zones=["zone-a"],
        development={"controlPlaneMachines": 1, "machineSeconds": 1},
    )
    began = time.monotonic()
    stack.up(on_output=print)
    print(f"{MANY} clusters in {time.monotonic() - began:.0f} s")
    assert len(platform.named("clusters")) == MANY
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    stack.destroy(on_output=print)
    platform.gone("clusters", "machines", "clusterclasses")
