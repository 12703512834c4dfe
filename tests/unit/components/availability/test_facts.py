"""What the settings say about a cluster before it is inspected."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components.availability import UNKNOWN, Allocatable, ClusterFacts, facts_from_settings, features
from components.devcluster import kwok_config
from components.settings import ExistingCluster, LocalCluster
from components.settings.quantity import amount


def local(**more: object) -> ClusterFacts:
    return facts_from_settings(LocalCluster.model_validate({"kind": "local", **more}))


def existing(*zones: str) -> ClusterFacts:
    return facts_from_settings(ExistingCluster(kind="existing", kubeconfig="k", context="c", zones=list(zones)))


def test_everything_is_known_about_an_embedded_cluster() -> None:
    assert local(zones=["a", "b"], nodesPerZone=3, kubernetes="1.35") == ClusterFacts(
        ("a", "b"),
        6,
        Allocatable(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110),
        True,
        (1, 35),
        frozenset({"metrics.k8s.io"}),
        frozenset(),
    )


def test_the_size_of_a_real_node_is_unknown() -> None:
    result = local(nodes="real")
    assert (result.largest_node, result.dedicated) == (None, False)
    assert (result.zones, result.nodes, result.version) == (("zone-a", "zone-b", "zone-c"), 3, (1, 36))


def test_its_nodes_have_the_size_of_the_simulated_ones() -> None:
    (node,) = kwok_config.node_objects(["a"], 1, "1.36")
    largest, allocatable = local().largest_node, node["status"]["allocatable"]
    assert largest == Allocatable(
        amount(kwok_config.NODE_CPU),
        amount(kwok_config.NODE_MEMORY),
        amount(kwok_config.NODE_DISK),
        kwok_config.NODE_PODS,
    )
    assert largest == Allocatable(
        amount(allocatable["cpu"]),
        amount(allocatable["memory"]),
        amount(allocatable["ephemeral-storage"]),
        int(allocatable["pods"]),
    )


@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
def test_every_embedded_version_is_supported(version: str) -> None:
    result = local(kubernetes=version).version
    assert result is not None
    assert result >= features.MIN_VERSION
    assert features.format_version(result) == version


def test_at_most_the_zones_of_other_clusters_are_known() -> None:
    assert existing("x", "y") == ClusterFacts(("x", "y"))
    assert existing() == ClusterFacts() == UNKNOWN
    assert facts_from_settings(None) == UNKNOWN


@pytest.mark.parametrize(
    ("facts", "nodes", "known"),
    [
        (UNKNOWN, 0, False),
        (ClusterFacts(("a", "b")), 2, True),
        (ClusterFacts(("a", "b"), 6), 6, True),
        (ClusterFacts(nodes=4), 4, True),
        (ClusterFacts(nodes=0), 0, True),
    ],
)
def test_every_zone_has_at_least_one_node(facts: ClusterFacts, nodes: int, known: bool) -> None:
    assert (facts.min_nodes, facts.zones_known) == (nodes, known)
