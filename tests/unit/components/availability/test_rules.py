"""Settings that cannot hold on a known cluster are rejected with their fix; unknown facts reject nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components.availability import UNKNOWN, Allocatable, ClusterFacts, conflicts, features, stack_conflicts
from components.settings import ExistingCluster, LocalCluster
from components.settings.problems import shown
from tests.support.fake_engine import backend
from tests.support.problems import DIGEST, PEAK_IS_REQUEST, QUEUE, RPS, Values, row_id, scaled

UNLABELLED = ClusterFacts(nodes=3)
GI = Decimal(2**30)
THREE = ClusterFacts(zones=("a", "b", "c"), nodes=3)
SERVING = frozenset({"apps", "metrics.k8s.io"})
HARD, HIGH = {"placement": {"spread": "hard"}}, {"placement": {"priorityClassName": "high"}}
CONFLICTS: list[tuple[Values, ClusterFacts, str, str, Values]] = [
    (
        scaled(tolerancePercent=20),
        ClusterFacts(version=(1, 34)),
        "autoscaling.tolerancePercent",
        "needs Kubernetes 1.35, and the cluster runs 1.34: omit it, or upgrade the cluster",
        scaled(),
    ),
    (
        scaled(tolerancePercent=0),
        ClusterFacts(version=(1, 30)),
        "autoscaling.tolerancePercent",
        "omit it",
        scaled(),
    ),
    ({"survive": "zone"}, UNLABELLED, "survive", "without a zone label: set it to node", {"survive": "node"}),
    ({"survive": "zone"}, ClusterFacts(nodes=1), "survive", "without a zone label: set it to pod", {"survive": "pod"}),
    ({"survive": "zone"}, ClusterFacts(("eu",), 3), "survive", "in one zone, eu: set it to node", {"survive": "node"}),
    (
        {"survive": "node"},
        ClusterFacts(nodes=1),
        "survive",
        "set it to pod, or use a cluster with at least two",
        {"survive": "pod"},
    ),
    (HARD, UNLABELLED, "placement.spread", "no zone label: set it to soft", {"placement": {"spread": "soft"}}),
    (
        HIGH,
        ClusterFacts(priority_classes=frozenset({"low", "default", "system-node-critical"})),
        "placement.priorityClassName",
        "is not a PriorityClass of the cluster: use one of the cluster's: default, low",
        {"placement": {"priorityClassName": "low"}},
    ),
    (
        HIGH,
        ClusterFacts(priority_classes=frozenset({"system-node-critical"})),
        "placement.priorityClassName",
        "one of the cluster's: none",
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
        ClusterFacts(largest_node=Allocatable(Decimal("0.4"), 4 * GI, GI, 110)),
        "resources.requests.cpu",
        "the largest has 0.4 for pods: lower it",
        {"resources": {"requests": {"cpu": "400m", "memory": "128Mi"}}},
    ),
    (
        {},
        ClusterFacts(largest_node=Allocatable(Decimal(2), Decimal(100 * 2**20), GI, 110)),
        "resources.requests.memory",
        "the largest has 100Mi for pods",
        {"resources": {"requests": {"cpu": "500m", "memory": "100Mi"}}},
    ),
    (
        {"resources": {"tmpSizeLimit": "1Gi"}},
        ClusterFacts(largest_node=Allocatable(Decimal(2), 4 * GI, GI, 110)),
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


@pytest.mark.parametrize(("values", "facts", "key", "text", "fix"), CONFLICTS, ids=row_id)
def test_a_conflict_has_its_key_and_the_fix_works(
    values: Values, facts: ClusterFacts, key: str, text: str, fix: Values
) -> None:
    (conflict,) = conflicts(backend(**values), facts)
    assert conflict.key == key
    assert text in conflict.text
    assert conflicts(backend(**{**values, **fix}), facts) == []


@pytest.mark.parametrize("values", [row[0] for row in CONFLICTS])
def test_an_unknown_cluster_rejects_nothing(values: Values) -> None:
    assert conflicts(backend(**values), UNKNOWN) == []


@pytest.mark.parametrize(
    ("values", "facts"),
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
        ({}, ClusterFacts(nodes=3, largest_node=Allocatable(Decimal(1), GI, GI, 110))),
        (
            {},
            ClusterFacts(
                nodes=3, largest_node=Allocatable(Decimal("0.5"), Decimal(128 * 2**20), Decimal(320 * 2**20), 1)
            ),
        ),
        ({"autoscaling": {"enabled": False, "cpuPercent": 95}}, THREE),
    ],
)
def test_what_can_hold_is_accepted(values: Values, facts: ClusterFacts) -> None:
    assert conflicts(backend(**values), facts) == []


@pytest.mark.parametrize(
    ("node", "holds"),
    [
        (Allocatable(Decimal(4), 8 * GI, 64 * GI, 110), 8),
        (Allocatable(Decimal(4), 8 * GI, 64 * GI, 5), 5),
        (Allocatable(Decimal(4), 3 * GI / 4, 64 * GI, 110), 6),
        (Allocatable(Decimal(40), 80 * GI, 5 * GI / 4, 110), 4),
    ],
    ids=["CPU", "pods", "memory", "written bytes"],
)
def test_a_dedicated_node_holds_what_its_scarcest_resource_allows(node: Allocatable, holds: int) -> None:
    dedicated_nodes = ClusterFacts(nodes=3, largest_node=node, dedicated=True)
    shared = ClusterFacts(nodes=3, largest_node=node)
    most = max(pods for pods in range(3, 40) if pods + -(-pods // 4) <= 3 * holds)  # a quarter more during a rollout
    fixed: Values = {"survive": "pod", "autoscaling": {"enabled": False}}
    assert conflicts(backend(replicas=most, **fixed), dedicated_nodes) == []
    (conflict,) = conflicts(backend(replicas=most + 1, **fixed), dedicated_nodes)
    assert conflict.key == "replicas"
    assert f"during a rollout, and 3 nodes hold {3 * holds}: lower it" in conflict.text
    assert conflicts(backend(replicas=most + 1, **fixed), shared) == []


def test_a_stack_is_checked_by_its_own_settings() -> None:
    local = LocalCluster.model_validate({"kind": "local", "zones": ["a"], "nodesPerZone": 3})
    existing = ExistingCluster(kind="existing", kubeconfig="k", context="c")
    values = backend(survive="zone")
    assert [conflict.key for conflict in stack_conflicts(values, local, protect=False)] == ["survive"]
    assert [conflict.key for conflict in stack_conflicts(values, existing, protect=True)] == ["image"]
    assert stack_conflicts(values, None, protect=False) == []
    assert stack_conflicts(backend(survive="zone", image=DIGEST), existing, protect=True) == []


def test_an_image_needs_a_digest_in_production_only() -> None:
    assert conflicts(backend(), UNKNOWN) == []
    (conflict,) = conflicts(backend(), UNKNOWN, production=True)
    assert (conflict.key, conflict.others) == ("image", ("protect",))
    assert conflicts(backend(image=DIGEST), UNKNOWN, production=True) == []


@pytest.mark.parametrize(
    "tag", ["latest", "LATEST", "stable", "main", "master", "develop", "dev", "edge", "nightly", "head"]
)
def test_a_moving_tag_is_rejected_everywhere(tag: str) -> None:
    for production in (True, False):
        (conflict,) = conflicts(backend(image=f"nginx:{tag}"), UNKNOWN, production=production)
        assert "use the version's own tag" in conflict.text
        assert conflicts(backend(image=f"nginx:{tag}@sha256:{'0' * 64}"), UNKNOWN, production=production) == []


def test_a_version_is_formatted_as_people_write_it() -> None:
    assert features.format_version((1, 36)) == "1.36"


def test_the_minimum_version_has_what_every_object_uses() -> None:
    assert features.MIN_VERSION >= (1, 30), "the preStop sleep action is on by default since then"


def test_metrics_are_reported_by_name() -> None:
    (conflict,) = conflicts(
        backend(**scaled(podMetrics=[*RPS, {"name": "busy", "averageValue": 1}])), ClusterFacts(apis=SERVING)
    )
    assert shown(conflict.value) == "['rps', 'busy']"
