"""Invalid values and conflicts of the settings of a cluster of Cluster API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cluster_api import cluster, given
from tests.support.fake_engine import IMAGE
from tests.support.problems import rejected, row_id

WRONG: list[tuple[Any, str, str]] = [
    (given(version=1.36), "cluster.version", "a string in quotes, a full Kubernetes version, such as 1.36.3"),
    (given(version="v1.36.3"), "cluster.version", "a full Kubernetes version, such as 1.36.3"),
    (given(version="1.36"), "cluster.version", "a full Kubernetes version, such as 1.36.3"),
    (
        given(version="1.36.3-gke.1"),
        "cluster.version",
        "has a suffix that versions of development lack: omit everything after the third number",
    ),
    (given(management={}), "cluster.management.context", "is required. The context to use"),
    (
        given(management={"kubeconfg": "x", "context": "y", "kubeconfig": "z"}),
        "cluster.management.kubeconfg",
        "did you mean 'kubeconfig'?",
    ),
    (
        given(development=None),
        "cluster.kind",
        "needs exactly one of aws, google, azure, development, and none of them is",
    ),
    (given(aws={"region": "eu-central-1"}), "cluster.kind", "aws and development is given: leave out the others"),
    (given(gcp={}), "cluster.gcp", "unknown key; valid keys: kind, management, name"),
    (given(awss={}), "cluster.awss", "did you mean 'aws'?"),
    (given("aws", aws={}), "cluster.aws.region", "is required. The region, such as eu-central-1"),
    (
        given("aws", aws={"region": "eu-central-1", "machineTyp": "x"}),
        "cluster.aws.machineTyp",
        "did you mean 'machine",
    ),
    (
        given("aws", aws={"region": "eu-central-1", "identityKind": "Role"}),
        "cluster.aws.identityKind",
        "'AWSClusterControllerIdentity', 'AWSClusterRoleIdentity', 'AWSClusterStaticIdentity'",
    ),
    (
        given("aws", zones=["us-east-1a"]),
        "cluster.zones[0]",
        "is not in aws.region (eu-central-1): use, for example, eu-central-1a",
    ),
    (given("google", zones=["europe-west3a"]), "cluster.zones[0]", "use, for example, europe-west3-a"),
    (given("google", name="a" * 41), "cluster.name", "is too long for google: shorten it to 40 characters"),
    (
        given("azure", zones=["4"]),
        "cluster.zones[0]",
        "is not a zone of Azure: use 1, 2, 3, in quotes",
    ),
    (given("azure", zones=[1]), "cluster.zones[0]", "a string"),
    (
        given("azure", azure={"location": "x"}),
        "cluster.azure.credentials",
        "is required. A Secret in the namespace with the credentials",
    ),
    (given(development={"controlPlaneMachines": 2}), "cluster.development.controlPlaneMachines", "is even"),
    (given(development={"controlPlaneMachines": 7}), "cluster.development.controlPlaneMachines", "from 1 to 5"),
    (given(zones=["a", "a"]), "cluster.zones", "lists a more than once: list each zone once"),
    (given(zones=[]), "cluster.zones", "a list of 1 to 10 entries"),
    (given(workers=[]), "cluster.workers", "a list of 1 to 20 entries"),
    (given(workers=[{"name": "a"}, {"name": "a"}]), "cluster.workers", "name a more than once"),
    (
        given(workers=[{"name": "a-b"}]),
        "cluster.workers[0].name",
        "lowercase letters and digits, starting with a letter",
    ),
    (
        given(workers=[{"machinesPerZone": 3, "maxMachinesPerZone": 2}]),
        "cluster.workers[0].maxMachinesPerZone",
        "is below machinesPerZone (3)",
    ),
    (given(podCidrs=["10.0.0.0/40"]), "cluster.podCidrs[0]", "is not an IPv4 network"),
    (given(podCidrs=["10.0.0.1/16"]), "cluster.podCidrs[0]", "use an address whose bits after the prefix are zero"),
    (
        given(serviceCidrs=["10.0.0.0"]),
        "cluster.serviceCidrs[0]",
        "an IPv4 network in CIDR notation, such as 192.168.0.0/16",
    ),
    (given(readyMinutes=0), "cluster.readyMinutes", "from 1 to 240"),
    (given(clusterClass={"nam": "x"}), "cluster.clusterClass.nam", "did you mean 'name'?"),
]


@pytest.mark.parametrize(("wrong", "key", "text"), WRONG, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(wrong: Any, key: str, text: str) -> None:
    assert text in rejected({"image": IMAGE}, wrong)[key]


def test_conflicts_are_reported_with_an_invalid_backend() -> None:
    problems = rejected({"image": 5}, given("aws", zones=["us-east-1a"], version="1.36.3-gke.1"))
    assert {"backend.image", "cluster.zones[0]", "cluster.version"} <= set(problems)


def test_zones_are_those_in_the_labels_of_the_nodes() -> None:
    assert cluster("aws").node_zones == ("eu-central-1a", "eu-central-1b", "eu-central-1c")
    assert cluster("azure").node_zones == ("germanywestcentral-1", "germanywestcentral-2", "germanywestcentral-3")
