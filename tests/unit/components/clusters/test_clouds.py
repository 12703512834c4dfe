"""Check the bounds and the contradictions of a cluster's settings on each cloud, and the registries."""

from __future__ import annotations

from typing import Any

import pytest

from components.clusters.clouds.registry import CLOUDS
from components.clusters.registry import KINDS, ClusterKind
from components.errors import clusters as errors
from components.settings import SettingsError
from components.settings.cluster import KINDS as KIND_NAMES
from components.validation import validated_cluster
from tests.support.cluster_api import GROUPS, ZONES, cluster_values

TEN_ZONES = [f"europe-west3-{letter}" for letter in "abcdefghij"]


def problems(cloud: str, **different: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        validated_cluster(cluster_values(cloud, **different), "cluster")
    return {problem.key: problem.text for problem in caught.value.problems}


@pytest.mark.parametrize("pool", [{"machinesPerZone": 300}, {"machinesPerZone": 1, "maxMachinesPerZone": 300}])
def test_a_pool_has_at_most_1000_machines_in_all_zones_together(pool: dict[str, Any]) -> None:
    key = f"cluster.workers[1].{list(pool)[-1]}"
    assert problems("google", zones=TEN_ZONES, workers=[{"name": "one"}, {"name": "two", **pool}]) == {
        key: "300 makes 3000 machines in 10 zones, and a pool has at most 1000: lower it to 100, or add another pool "
        "[machine-pool-too-large]"
    }
    validated_cluster(
        cluster_values("google", zones=TEN_ZONES, workers=[{key.rsplit(".", maxsplit=1)[-1]: 100}]), "cluster"
    )


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_bound_holds_on_every_cloud(cloud: str) -> None:
    zones = ZONES[cloud] if cloud == "azure" else ZONES[cloud][:1]
    most = 1000 // len(zones)
    accepted = validated_cluster(
        cluster_values(cloud, zones=zones, workers=[{"machinesPerZone": min(most, 300)}]), "cluster"
    )
    assert accepted.facts_from_settings().nodes == min(most, 300) * len(zones)


def test_every_cloud_is_tested() -> None:
    assert sorted(CLOUDS) == sorted(GROUPS) == sorted(ZONES)


def test_a_cloud_is_complete_once_it_is_in_the_registry() -> None:
    for name, cloud in CLOUDS.items():
        assert (cloud.__doc__ or "").endswith("."), name
        assert cloud.provider and cloud.max_name_length and cloud.max_pool_machines, name
        settings = validated_cluster(cluster_values(name), "cluster")
        assert settings.model_dump(by_alias=True, exclude_none=True)[name] is not None


def test_exactly_one_cloud() -> None:
    assert problems("aws", google=GROUPS["google"])["cluster.kind"].endswith(f"[{errors.CLOUD_NOT_UNIQUE.id}]")
    none = {key: value for key, value in cluster_values("aws").items() if key != "aws"}
    with pytest.raises(SettingsError, match="has none of them: add the one"):
        validated_cluster(none, "cluster")


@pytest.mark.parametrize(("kind", "name"), list(zip(KINDS, KIND_NAMES, strict=True)), ids=KIND_NAMES)
def test_a_kind_is_complete_once_it_is_in_the_registry(kind: type[ClusterKind], name: str) -> None:
    assert kind.__name__ == "".join(part.capitalize() for part in name.split("-")) + "Cluster"
    assert isinstance(validated_cluster(kind.example, "cluster"), kind)
    assert validated_cluster(kind.example, "cluster").model_dump()["kind"] == name
