"""What a cluster consists of on each cloud, where the clouds differ and where they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.availability import facts_from_settings
from components.clusters.topology import blueprint
from tests.support.cluster_api import ZONES, cluster


def topology(cloud: str = "development", **different: Any) -> dict[str, Any]:
    found: dict[str, Any] = blueprint(cluster(cloud, **different)).cluster_spec("the-class")["topology"]
    return found


def spec(cloud: str, part: str, **different: Any) -> Any:
    return blueprint(cluster(cloud, **different)).templates[part].spec


@pytest.mark.parametrize("cloud", ZONES)
def test_every_template_is_named_by_the_class_and_none_else(cloud: str) -> None:
    made = blueprint(cluster(cloud, workers=[{"name": "one"}, {"name": "two"}]))
    text = json.dumps(made.class_spec({part: f"named-{part}" for part in made.templates}))
    assert all(text.count(f'"named-{part}"') == 1 for part in made.templates)
    assert text.count('"named-') == len(made.templates)


@pytest.mark.parametrize("cloud", ["aws", "development"])
def test_machines_of_our_own_are_in_every_zone_and_replaced_where_they_are_ill(cloud: str) -> None:
    found = topology(cloud, workers=[{"machinesPerZone": 2}])["workers"]["machineDeployments"]
    assert [(each["failureDomain"], each["replicas"]) for each in found] == [(zone, 2) for zone in ZONES[cloud]]
    made = blueprint(cluster(cloud, unhealthySeconds=120))
    (pool,) = made.class_spec(dict.fromkeys(made.templates, "x"))["workers"]["machineDeployments"]
    assert {each["timeoutSeconds"] for each in pool["healthCheck"]["checks"]["unhealthyNodeConditions"]} == {120}


@pytest.mark.parametrize("cloud", ["google", "azure"])
def test_a_pool_that_the_cloud_runs_is_over_all_zones(cloud: str) -> None:
    (pool,) = topology(cloud, workers=[{"machinesPerZone": 2}])["workers"]["machinePools"]
    assert (pool["failureDomains"], pool["replicas"]) == (ZONES[cloud], 6)


def test_the_number_is_the_autoscalers_where_there_is_one() -> None:
    pools = [{"machinesPerZone": 1, "maxMachinesPerZone": 4}]
    for entry in topology("aws", workers=pools)["workers"]["machineDeployments"]:
        assert "replicas" not in entry
        assert sorted(entry["metadata"]["annotations"].values()) == ["1", "4"]
    google = spec("google", "general-machines", workers=pools)["scaling"]
    assert (google["minCount"], google["maxCount"]) == (3, 12), "counted over all zones, as CAPG hands it on"
    (azure,) = spec("azure", "general-machines", workers=pools)["resources"]
    assert (azure["spec"]["minCount"], azure["spec"]["maxCount"]) == (3, 12), "counted over all zones"
    same = [{"machinesPerZone": 2, "maxMachinesPerZone": 2}]
    assert spec("google", "general-machines", workers=same)["scaling"] == {"enableAutoscaling": False}, (
        "left out, it is on"
    )


def test_each_provider_is_told_by_its_own_name_who_sets_the_number() -> None:
    pools = [{"machinesPerZone": 1, "maxMachinesPerZone": 4}]
    for cloud, name in (("azure", "aks"), ("google", "external-autoscaler")):
        (entry,) = topology(cloud, workers=pools)["workers"]["machinePools"]
        assert entry["metadata"]["annotations"]["cluster.x-k8s.io/replicas-managed-by"] == name
    assert "replicas-managed-by" not in str(topology("aws", workers=pools))


def test_every_zone_that_is_named_has_a_network() -> None:
    assert "network" not in spec("aws", "control-plane"), "the first three have one anyway"
    vpc = spec("aws", "control-plane", zones=["eu-central-1a", "eu-central-1e"])["network"]["vpc"]
    assert vpc == {"availabilityZoneUsageLimit": 5}


def test_machines_of_the_control_plane_are_three_where_it_is_ours() -> None:
    assert topology()["controlPlane"] == {"replicas": 3}
    for cloud in ("aws", "google", "azure"):
        assert "controlPlane" not in topology(cloud), "the cloud runs it"


def test_a_class_that_the_platform_keeps_takes_the_place_of_ours() -> None:
    made = blueprint(
        cluster(
            "aws",
            clusterClass={"name": "ours", "namespace": "platform", "workers": "small", "variables": {"b": 2, "a": "x"}},
        )
    )
    assert made.templates == {}
    found = made.cluster_spec("ours")["topology"]
    assert found["classRef"] == {"name": "ours", "namespace": "platform"}
    assert found["variables"] == [{"name": "a", "value": "x"}, {"name": "b", "value": 2}]
    assert {entry["class"] for entry in found["workers"]["machineDeployments"]} == {"small"}


def test_clouds_differ_in_who_acts_and_where() -> None:
    assert spec("aws", "control-plane")["identityRef"] == {"kind": "AWSClusterControllerIdentity", "name": "default"}
    assert "credentialsRef" not in spec("google", "infrastructure")
    for resource in spec("azure", "control-plane")["resources"]:
        assert resource["metadata"]["annotations"] == {"serviceoperator.azure.com/credential-from": "azure-account"}
    modes = [
        spec("azure", f"{name}-machines", workers=[{"name": "one"}, {"name": "two"}])["resources"][0]["spec"]["mode"]
        for name in ("one", "two")
    ]
    assert modes == ["System", "User"]


def test_the_promise_knows_zones_machines_and_version_beforehand() -> None:
    found = facts_from_settings(cluster("azure", workers=[{"name": "a", "machinesPerZone": 2}, {"name": "b"}]))
    assert (found.zones, found.nodes, found.version) == (
        ("germanywestcentral-1", "germanywestcentral-2", "germanywestcentral-3"),
        9,
        (1, 36),
    )
