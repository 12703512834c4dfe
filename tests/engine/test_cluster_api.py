"""Clusters that Cluster API makes, by its real managers: made, grown, upgraded and removed by the real engine.

The machines are in memory (the development provider), so that no pod runs there. The tests of this file are one life, in the
order of the file.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import yaml
from pulumi import automation as auto

from inspection.client import Client
from stage import checkout
from tests.managers import ManagementCluster

PROJECT = Path(__file__).parent.parent.parent
ZONES = ["zone-a", "zone-b", "zone-c"]
MANY = 20
SEVERAL = f"""
import pulumi
from components import Cluster

given = pulumi.Config().require_object("cluster")
for number in range({MANY}):
    Cluster(f"cluster-{{number}}", {{**given, "name": f"many-{{number}}"}})
"""


class Platform:
    """A copy of the example ``platform``, whose cluster is one of the management cluster."""

    def __init__(self, folder: Path, management: ManagementCluster) -> None:
        self.management = management
        self.folder = checkout.copy(PROJECT, folder)
        self.program = folder / "examples" / "platform"
        shutil.copytree(PROJECT / "examples" / "platform", self.program, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "state").mkdir()
        self.cluster = {"kind": "cluster-api", "name": "shop", "version": "1.35.2", "zones": ZONES, "readyMinutes": 10,
                        "management": {"kubeconfig": str(management.kubeconfig), "context": management.context},
                        "development": {"machineSeconds": 1}}

    def stack(self, name: str = "dev", **different: object) -> auto.Stack:
        """The stack with these settings of its cluster."""
        self.cluster |= different
        (self.program / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": {"platform:cluster": self.cluster}}))
        options = auto.LocalWorkspaceOptions(secrets_provider="passphrase", env_vars={
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}", "PULUMI_CONFIG_PASSPHRASE": "only in this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true", "PYTHONPATH": str(self.folder)})
        return auto.create_or_select_stack(name, work_dir=str(self.program), opts=options)

    def named(self, kind: str) -> list[str]:
        """The names of all objects of a kind on the management cluster."""
        return self.management.kubectl("get", kind, "-A", "-o", "jsonpath={.items[*].metadata.name}").split()

    def versions(self, name: str = "shop") -> list[str]:
        """Of each of a cluster's machines."""
        return self.management.kubectl("get", "machines", "-A", "-l", f"cluster.x-k8s.io/cluster-name={name}", "-o",
                                       "jsonpath={.items[*].spec.version}").split()


@pytest.fixture(scope="module")
def management(tmp_path_factory):
    made = ManagementCluster(tmp_path_factory.mktemp("managers"))
    try:
        made.start()
        yield made
    finally:
        made.delete()


@pytest.fixture(scope="module")
def platform(tmp_path_factory, management):
    return Platform(tmp_path_factory.mktemp("platform"), management)


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
    text = refused(platform.stack(namespace="default", clusterClass=None, development=None, aws={"region": "eu-central-1"},
                                  zones=["eu-central-1a"]))
    assert "cluster.aws: the management cluster does not know AWSMachineTemplate (infrastructure.cluster.x-k8s.io" in text
    platform.stack(aws=None, development={"machineSeconds": 1}, zones=ZONES)
    assert platform.named("clusters") == []


def test_a_cluster_is_made_and_awaited(platform):
    stack = platform.stack()
    outputs = stack.up(on_output=print).outputs
    assert outputs["kubeconfig"].secret
    assert outputs["zones"].value == ZONES
    assert len(nodes(stack)) == 6  # three of the control plane, one in each zone
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    assert "client-key-data" not in (platform.folder / "state" / ".pulumi" / "stacks" / "platform" / "dev.json").read_text()


def test_it_grows(platform):
    stack = platform.stack(workers=[{"name": "general", "machinesPerZone": 2}])
    assert set(stack.preview().change_summary) == {"same", "update"}
    stack.up(on_output=print)
    assert len(nodes(stack)) == 9


def test_it_is_upgraded_in_order_and_never_back(platform):
    text = refused(platform.stack(version="1.37.0"))
    assert "cluster.version: '1.37.0' is more than one minor version above what runs, 1.35.2: upgrade to 1.36 first" in text
    stack = platform.stack(version="1.36.3")
    assert set(stack.preview().change_summary) == {"same", "update"}
    identifier = stack.outputs()["identifier"].value
    assert stack.up(on_output=print).outputs["identifier"].value == identifier
    assert set(platform.versions()) == {"v1.36.3"}
    assert len(platform.versions()) == 9
    assert "and Kubernetes takes no way back: leave it at '1.36.3'" in refused(platform.stack(version="1.35.2"))
    platform.stack(version="1.36.3")


def test_a_template_that_changes_is_replaced_before_the_old_one_goes(platform):
    stack = platform.stack(development={"machineSeconds": 2})
    changes = stack.preview().change_summary
    assert changes["create-replacement"] if "create-replacement" in changes else changes["replace"]
    stack.up(on_output=print)
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    assert len(nodes(stack)) == 9


def test_one_that_does_not_come_up_is_told_by_its_condition(platform):
    before = dict(platform.cluster)
    stack = platform.stack("stalled", name="stalled", readyMinutes=1, development={"machineSeconds": 3600})
    try:
        with pytest.raises(auto.CommandError) as found:
            stack.up(on_output=print)
        text = str(found.value)
        assert "The cluster stalled in namespace default was not ready after 60 s:" in text
        assert "ControlPlaneInitialized is False" in text
        assert "Machine stalled-" in text
        assert "Traceback" not in text
    finally:
        stack.destroy(on_output=print)
        platform.cluster = before


def test_tens_of_clusters_in_one_run(platform):
    main = (platform.program / "__main__.py").read_text()
    (platform.program / "__main__.py").write_text(SEVERAL)
    before = dict(platform.cluster)
    stack = platform.stack("many", workers=[{"name": "general"}], zones=["zone-a"],
                           development={"controlPlaneMachines": 1, "machineSeconds": 1})
    try:
        began = time.monotonic()
        stack.up(on_output=print)
        print(f"{MANY} clusters in {time.monotonic() - began:.0f} s")
        assert len([name for name in platform.named("clusters") if name.startswith("many-")]) == MANY
        assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}
    finally:
        stack.destroy(on_output=print)
        (platform.program / "__main__.py").write_text(main)
        platform.cluster = before
    assert platform.named("clusters") == ["shop"]


def test_removed_it_leaves_nothing_on_the_management_cluster(platform):
    platform.stack().destroy(on_output=print)
    for kind in ("clusters", "machines", "clusterclasses", "machinedeployments", "devmachinetemplates", "secrets"):
        assert platform.named(kind) == [], kind
