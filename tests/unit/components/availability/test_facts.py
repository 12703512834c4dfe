"""What the settings say of a cluster before anybody has looked at it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components.availability import UNKNOWN, ClusterFacts, Room, features, stated
from components.devcluster import kwok_config
from components.settings import ExistingCluster, LocalCluster
from components.settings.quantity import amount


def local(**more: object) -> ClusterFacts:
    return stated(LocalCluster.model_validate({"kind": "local", **more}))


def existing(*zones: str) -> ClusterFacts:
    return stated(ExistingCluster(kind="existing", kubeconfig="k", context="c", zones=list(zones)))


def test_all_of_an_embedded_cluster_is_known() -> None:
    assert local(zones=["a", "b"], nodesPerZone=3, kubernetes="1.35") == ClusterFacts(
        ("a", "b"),
        6,
        Room(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110),
        True,
        (1, 35),
        frozenset({"metrics.k8s.io"}),
        frozenset(),
    )


def test_how_large_a_real_node_is_the_settings_do_not_know() -> None:
    found = local(nodes="real")
    assert (found.room, found.ours_alone) == (None, False)
    assert (found.zones, found.nodes, found.version) == (("zone-a", "zone-b", "zone-c"), 3, (1, 36))


def test_its_room_is_that_of_its_simulated_nodes() -> None:
    (node,) = kwok_config.nodes(["a"], 1, "1.36")
    room, there = local().room, node["status"]["allocatable"]
    assert room == Room(
        amount(kwok_config.NODE_CPU),
        amount(kwok_config.NODE_MEMORY),
        amount(kwok_config.NODE_DISK),
        kwok_config.NODE_PODS,
    )
    assert room == Room(
        amount(there["cpu"]), amount(there["memory"]), amount(there["ephemeral-storage"]), int(there["pods"])
    )


@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
def test_every_version_of_it_has_all_that_is_needed(version: str) -> None:
    found = local(kubernetes=version).version
    assert found is not None
    assert found >= features.OLDEST
    assert features.text(found) == version


def test_of_any_other_the_zones_at_the_most() -> None:
    assert existing("x", "y") == ClusterFacts(("x", "y"))
    assert existing() == ClusterFacts() == UNKNOWN
    assert stated(None) == UNKNOWN


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
def test_every_zone_has_a_node_for_certain(facts: ClusterFacts, nodes: int, known: bool) -> None:
    assert (facts.least_nodes, facts.zones_known) == (nodes, known)
