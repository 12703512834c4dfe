"""Invalid values and conflicts of the settings of a cluster of Cluster API."""

from __future__ import annotations

from typing import Any

import pytest

from components.clusters.clouds.registry import CLOUDS
from tests.support.cluster_api import cluster, cluster_values
from tests.support.fake_engine import IMAGE
from tests.support.problems import rejected, row_id

WRONG: list[tuple[Any, str, str]] = [
    (cluster_values(version=1.36), "cluster.version", "a string in quotes, a full Kubernetes version, such as 1.36.3"),
    (cluster_values(version="v1.36.3"), "cluster.version", "a full Kubernetes version, such as 1.36.3"),
    (cluster_values(version="1.36"), "cluster.version", "a full Kubernetes version, such as 1.36.3"),
    (
        cluster_values(version="1.36.3-gke.1"),
        "cluster.version",
        "has a suffix that versions of development lack: omit everything after the third number",
    ),
    (cluster_values(management={}), "cluster.management.context", "is required. The context to use"),
    (
        cluster_values(management={"kubeconfg": "x", "context": "y", "kubeconfig": "z"}),
        "cluster.management.kubeconfg",
        "did you mean 'kubeconfig'?",
    ),
    (
        cluster_values(development=None),
        "cluster.kind",
        f"needs exactly one of {', '.join(CLOUDS)}, and the cluster has none",
    ),
    (cluster_values(aws={"region": "eu-central-1"}), "cluster.kind", "has aws and development: omit the others"),
    (cluster_values(gcp={}), "cluster.gcp", "unknown key; valid keys: kind, management, name"),
    (cluster_values(awss={}), "cluster.awss", "did you mean 'aws'?"),
    (cluster_values("aws", aws={}), "cluster.aws.region", "is required. The region, such as eu-central-1"),
    (
        cluster_values("aws", aws={"region": "eu-central-1", "machineTyp": "x"}),
        "cluster.aws.machineTyp",
        "did you mean 'machine",
    ),
    (
        cluster_values("aws", aws={"region": "eu-central-1", "identityKind": "Role"}),
        "cluster.aws.identityKind",
        "'AWSClusterControllerIdentity', 'AWSClusterRoleIdentity', 'AWSClusterStaticIdentity'",
    ),
    (
        cluster_values("aws", zones=["us-east-1a"]),
        "cluster.zones[0]",
        "is not in aws.region (eu-central-1): use, for example, eu-central-1a",
    ),
    (cluster_values("google", zones=["europe-west3a"]), "cluster.zones[0]", "use, for example, europe-west3-a"),
    (cluster_values("google", name="a" * 41), "cluster.name", "is too long for google: shorten it to 40 characters"),
    (
        cluster_values("azure", zones=["4"]),
        "cluster.zones[0]",
        "is not a zone of Azure: use 1, 2, 3, in quotes",
    ),
    (cluster_values("azure", zones=[1]), "cluster.zones[0]", "a string"),
    (
        cluster_values("azure", azure={"location": "x"}),
        "cluster.azure.credentials",
        "is required. A Secret in the namespace with the credentials",
    ),
    (cluster_values(development={"controlPlaneMachines": 2}), "cluster.development.controlPlaneMachines", "is even"),
    (
        cluster_values(development={"controlPlaneMachines": 7}),
        "cluster.development.controlPlaneMachines",
        "from 1 to 5",
    ),
    (cluster_values(zones=["a", "a"]), "cluster.zones", "lists a more than once: list each zone once"),
    (cluster_values(zones=[]), "cluster.zones", "a list of 1 to 10 entries"),
    (cluster_values(workers=[]), "cluster.workers", "a list of 1 to 20 entries"),
    (cluster_values(workers=[{"name": "a"}, {"name": "a"}]), "cluster.workers", "name a more than once"),
    (
        cluster_values(workers=[{"name": "a-b"}]),
        "cluster.workers[0].name",
        "lowercase letters and digits, starting with a letter",
    ),
    (
        cluster_values(workers=[{"machinesPerZone": 3, "maxMachinesPerZone": 2}]),
        "cluster.workers[0].maxMachinesPerZone",
        "is below machinesPerZone (3)",
    ),
    (cluster_values(podCidrs=["10.0.0.0/40"]), "cluster.podCidrs[0]", "is not an IPv4 network"),
    (
        cluster_values(podCidrs=["10.0.0.1/16"]),
        "cluster.podCidrs[0]",
        "use an address whose bits after the prefix are zero",
    ),
    (
        cluster_values(serviceCidrs=["10.0.0.0"]),
        "cluster.serviceCidrs[0]",
        "an IPv4 network in CIDR notation, such as 192.168.0.0/16",
    ),
    (cluster_values(readyMinutes=0), "cluster.readyMinutes", "from 1 to 240"),
    (cluster_values(clusterClass={"nam": "x"}), "cluster.clusterClass.nam", "did you mean 'name'?"),
]


@pytest.mark.parametrize(("wrong", "key", "text"), WRONG, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(wrong: Any, key: str, text: str) -> None:
    assert text in rejected({"image": IMAGE}, wrong)[key]


def test_conflicts_are_reported_with_an_invalid_backend() -> None:
    problems = rejected({"image": 5}, cluster_values("aws", zones=["us-east-1a"], version="1.36.3-gke.1"))
    assert {"backend.image", "cluster.zones[0]", "cluster.version"} <= set(problems)


def test_zones_are_those_in_the_labels_of_the_nodes() -> None:
    assert cluster("aws").node_zones == ("eu-central-1a", "eu-central-1b", "eu-central-1c")
    assert cluster("azure").node_zones == ("germanywestcentral-1", "germanywestcentral-2", "germanywestcentral-3")
