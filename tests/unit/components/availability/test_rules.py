"""What cannot hold on a cluster that was looked at: refused with its fix, and nothing is said of what nobody knows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components.availability import UNKNOWN, ClusterFacts, Room, conflicts, features, of_stack
from components.settings import ExistingCluster, LocalCluster
from components.settings.problems import shown
from tests.support.fake_engine import backend
from tests.support.problems import DIGEST, PEAK_IS_REQUEST, QUEUE, RPS, Given, named, scaled

UNLABELLED = ClusterFacts(nodes=3)
GI = Decimal(2**30)
THREE = ClusterFacts(zones=("a", "b", "c"), nodes=3)
SERVING = frozenset({"apps", "metrics.k8s.io"})
HARD, HIGH = {"placement": {"spread": "hard"}}, {"placement": {"priorityClassName": "high"}}
FOUND: list[tuple[Given, ClusterFacts, str, str, Given]] = [
    (
        scaled(tolerancePercent=20),
        ClusterFacts(version=(1, 34)),
        "autoscaling.tolerancePercent",
        "needs Kubernetes 1.35, and the cluster runs 1.34: leave it out, or upgrade the cluster",
        scaled(),
    ),
    (
        scaled(tolerancePercent=0),
        ClusterFacts(version=(1, 30)),
        "autoscaling.tolerancePercent",
        "leave it out",
        scaled(),
    ),
    ({"survive": "zone"}, UNLABELLED, "survive", "without a zone label: set it to node", {"survive": "node"}),
    ({"survive": "zone"}, ClusterFacts(nodes=1), "survive", "without a zone label: set it to pod", {"survive": "pod"}),
    ({"survive": "zone"}, ClusterFacts(("eu",), 3), "survive", "in one zone, eu: set it to node", {"survive": "node"}),
    (
        {"survive": "node"},
        ClusterFacts(nodes=1),
        "survive",
        "set it to pod, or use a cluster with two",
        {"survive": "pod"},
    ),
    (HARD, UNLABELLED, "placement.spread", "no zone label: set it to soft", {"placement": {"spread": "soft"}}),
    (
        HIGH,
        ClusterFacts(priority_classes=frozenset({"low", "default", "system-node-critical"})),
        "placement.priorityClassName",
        "is not a PriorityClass of the cluster; there: default, low",
        {"placement": {"priorityClassName": "low"}},
    ),
    (
        HIGH,
        ClusterFacts(priority_classes=frozenset({"system-node-critical"})),
        "placement.priorityClassName",
        "there: none",
        {"placement": {}},
    ),
    (
        {},
        ClusterFacts(apis=frozenset({"apps"})),
        "autoscaling.cpuPercent",
        "does not serve metrics.k8s.io: install metrics-server",
        {"autoscaling": {"enabled": False}},
    ),
    (
        scaled(cpuPercent=None, memoryPercent=60),
        ClusterFacts(apis=frozenset()),
        "autoscaling.memoryPercent",
        "install metrics-server",
        {"autoscaling": {"enabled": False}},
    ),
    (scaled(podMetrics=RPS), ClusterFacts(apis=SERVING), "autoscaling.podMetrics", "custom.metrics.k8s.io", scaled()),
    (
        scaled(externalMetrics=QUEUE),
        ClusterFacts(apis=SERVING),
        "autoscaling.externalMetrics",
        "external.metrics.k8s.io",
        scaled(),
    ),
    (
        {},
        ClusterFacts(room=Room(Decimal("0.4"), 4 * GI, GI, 110)),
        "resources.requests.cpu",
        "the largest has 0.4 for pods: lower it",
        {"resources": {"requests": {"cpu": "400m", "memory": "128Mi"}}},
    ),
    (
        {},
        ClusterFacts(room=Room(Decimal(2), Decimal(100 * 2**20), GI, 110)),
        "resources.requests.memory",
        "the largest has 100Mi for pods",
        {"resources": {"requests": {"cpu": "500m", "memory": "100Mi"}}},
    ),
    (
        {"resources": {"tmpSizeLimit": "1Gi"}},
        ClusterFacts(room=Room(Decimal(2), 4 * GI, GI, 110)),
        "resources.tmpSizeLimit",
        "the largest has 768Mi for pods",
        {"resources": {"tmpSizeLimit": "768Mi"}},
    ),
    (
        scaled(10, cpuPercent=51),
        ClusterFacts(nodes=2),
        "autoscaling.cpuPercent",
        "lower it to 33",
        scaled(10, cpuPercent=33),
    ),
    (
        {"resources": PEAK_IS_REQUEST, **scaled(cpuPercent=50, memoryPercent=51)},
        THREE,
        "autoscaling.memoryPercent",
        "lower it to 50",
        scaled(cpuPercent=50, memoryPercent=50),
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 2}},
        THREE,
        "disruptionBudget.maxUnavailable",
        "lower it to 1",
        {"disruptionBudget": {}},
    ),
]


@pytest.mark.parametrize(("given", "facts", "key", "text", "mended"), FOUND, ids=named)
def test_it_is_told_with_its_key_and_the_fix_works(
    given: Given, facts: ClusterFacts, key: str, text: str, mended: Given
) -> None:
    (found,) = conflicts(backend(**given), facts)
    assert found.key == key
    assert text in found.text
    assert conflicts(backend(**{**given, **mended}), facts) == []


@pytest.mark.parametrize("given", [row[0] for row in FOUND])
def test_nothing_is_said_of_a_cluster_that_nobody_knows(given: Given) -> None:
    assert conflicts(backend(**given), UNKNOWN) == []


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"survive": "zone"}, THREE),
        ({"survive": "zone"}, ClusterFacts(zones=("a", "b", "c"))),
        ({"survive": "node"}, ClusterFacts(nodes=3)),
        (HARD, THREE),
        (HIGH, ClusterFacts(priority_classes=frozenset({"high"}))),
        (scaled(tolerancePercent=20), ClusterFacts(version=(1, 35))),
        (scaled(), ClusterFacts(version=(1, 30))),
        (scaled(enabled=False, tolerancePercent=20, podMetrics=RPS), ClusterFacts(version=(1, 30), apis=SERVING)),
        (scaled(podMetrics=RPS), ClusterFacts(apis=SERVING | {"custom.metrics.k8s.io"})),
        ({}, ClusterFacts(nodes=3, room=Room(Decimal(1), GI, GI, 110))),
        ({}, ClusterFacts(nodes=3, room=Room(Decimal("0.5"), Decimal(128 * 2**20), Decimal(320 * 2**20), 1))),
        ({"autoscaling": {"enabled": False, "cpuPercent": 95}}, THREE),
    ],
)
def test_what_can_hold_is_accepted(given: Given, facts: ClusterFacts) -> None:
    assert conflicts(backend(**given), facts) == []


@pytest.mark.parametrize(
    ("room", "holds"),
    [
        (Room(Decimal(4), 8 * GI, 64 * GI, 110), 8),
        (Room(Decimal(4), 8 * GI, 64 * GI, 5), 5),
        (Room(Decimal(4), 3 * GI / 4, 64 * GI, 110), 6),
        (Room(Decimal(40), 80 * GI, 5 * GI / 4, 110), 4),
    ],
    ids=["CPU", "pods", "memory", "written bytes"],
)
def test_a_node_of_ours_holds_what_its_scarcest_thing_allows(room: Room, holds: int) -> None:
    ours = ClusterFacts(nodes=3, room=room, ours_alone=True)
    shared = ClusterFacts(nodes=3, room=room)
    most = max(pods for pods in range(3, 40) if pods + -(-pods // 4) <= 3 * holds)  # a quarter more during a rollout
    fixed: Given = {"survive": "pod", "autoscaling": {"enabled": False}}
    assert conflicts(backend(replicas=most, **fixed), ours) == []
    (found,) = conflicts(backend(replicas=most + 1, **fixed), ours)
    assert found.key == "replicas"
    assert f"a rollout included, and 3 nodes hold {3 * holds}: lower it" in found.text
    assert conflicts(backend(replicas=most + 1, **fixed), shared) == []


def test_a_stack_is_asked_what_it_says_itself() -> None:
    local = LocalCluster.model_validate({"kind": "local", "zones": ["a"], "nodesPerZone": 3})
    existing = ExistingCluster(kind="existing", kubeconfig="k", context="c")
    given = backend(survive="zone")
    assert [found.key for found in of_stack(given, local, protect=False)] == ["survive"]
    assert [found.key for found in of_stack(given, existing, protect=True)] == ["image"]
    assert of_stack(given, None, protect=False) == []
    assert of_stack(backend(survive="zone", image=DIGEST), existing, protect=True) == []


def test_an_image_is_asked_for_its_digest_in_production_only() -> None:
    assert conflicts(backend(), UNKNOWN) == []
    (found,) = conflicts(backend(), UNKNOWN, production=True)
    assert (found.key, found.others) == ("image", ("protect",))
    assert conflicts(backend(image=DIGEST), UNKNOWN, production=True) == []


@pytest.mark.parametrize(
    "tag", ["latest", "LATEST", "stable", "main", "master", "develop", "dev", "edge", "nightly", "head"]
)
def test_a_tag_that_is_moved_is_refused_everywhere(tag: str) -> None:
    for production in (True, False):
        (found,) = conflicts(backend(image=f"nginx:{tag}"), UNKNOWN, production=production)
        assert "name the version's own tag" in found.text
        assert conflicts(backend(image=f"nginx:{tag}@sha256:{'0' * 64}"), UNKNOWN, production=production) == []


def test_a_version_is_written_as_people_do() -> None:
    assert features.text((1, 36)) == "1.36"


def test_the_oldest_cluster_has_what_every_object_uses() -> None:
    assert features.OLDEST >= (1, 30), "the kubelet's own sleep before a pod's end is on by default since then"


def test_metrics_are_told_by_their_names() -> None:
    (found,) = conflicts(
        backend(**scaled(podMetrics=[*RPS, {"name": "busy", "averageValue": 1}])), ClusterFacts(apis=SERVING)
    )
    assert shown(found.value) == "['rps', 'busy']"
