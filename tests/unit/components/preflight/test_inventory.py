"""Check whether the settings can hold on an existing cluster: nothing is changed, and all problems come together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from components import preflight
from components.availability import Allocatable, ClusterFacts, features
from components.inspection.access import ClusterAccess
from components.inspection.client import InspectionError
from components.preflight import KnownCluster, LookUp, PreflightError, inventory
from tests.support.fake_api_client import FORBIDDEN, FakeApiClient, groups, items, named, version
from tests.support.fake_engine import backend
from tests.support.observations import node
from tests.support.problems import QUEUE, RPS, Values, scaled

THREE = items(*(node(f"node-{zone}", zone=zone) for zone in "abc"))
WHOLE: dict[str, Any] = {
    "list_node": THREE,
    "get_code": version("1", "36"),
    "list_priority_class": named("high"),
    "get_api_versions": groups("apps", "metrics.k8s.io"),
}
OLDEST = features.MIN_VERSION[1]


def known(*zones: str) -> KnownCluster:
    """Return a cluster of the settings' own words."""
    return KnownCluster(ClusterAccess("the kubeconfig", "prod", "prod"), zones, "context 'prod'")


def found(
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, Any],
    zones: list[str],
    settings: Values,
    warned: list[str] | None = None,
) -> ClusterFacts:
    """Return the facts. Without ``warned``, fail on a warning."""
    unexpected: list[str] = []
    used: list[tuple[str, str | None]] = []

    def client(kubeconfig: str, context: str | None) -> FakeApiClient:
        used.append((kubeconfig, context))
        return FakeApiClient(**answers)

    monkeypatch.setattr(inventory, "Client", client)
    warn = (unexpected if warned is None else warned).append
    facts = preflight.facts(known(*zones), LookUp(backend=backend(**settings), warn=warn))
    assert unexpected == []
    assert used == [("the kubeconfig", "prod")]
    return facts


def rejected(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], zones: list[str], settings: Values) -> list[str]:
    with pytest.raises(PreflightError) as caught:
        found(monkeypatch, answers, zones, settings)
    first, *problems = str(caught.value).splitlines()
    assert first == "The cluster does not fit the settings; nothing was changed:"
    return [problem.strip() for problem in problems]


@pytest.mark.parametrize("zones", [[], ["a", "c"], ["a", "b", "c"]])
def test_the_zones_are_those_of_the_nodes(monkeypatch: pytest.MonkeyPatch, zones: list[str]) -> None:
    assert found(monkeypatch, WHOLE, zones, {"survive": "zone"}) == ClusterFacts(
        ("a", "b", "c"),
        3,
        Allocatable(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110),
        False,
        (1, 36),
        frozenset({"apps", "metrics.k8s.io"}),
        frozenset({"high"}),
    )


def there(*zones: str) -> dict[str, Any]:
    return {**WHOLE, "list_node": items(*(node(f"node-{number}", zone=zone) for number, zone in enumerate(zones)))}


@pytest.mark.parametrize(
    ("nodes", "zones", "absent", "union"),
    [("abc", ["a", "x", "e"], "e, x", "abcex"), ("ac", ["a", "b", "c"], "b", "abc"), ("ab", ["x"], "x", "abx")],
)
def test_a_zone_that_lost_its_nodes_is_warned_of_while_two_are_left(
    monkeypatch: pytest.MonkeyPatch, nodes: str, zones: list[str], absent: str, union: str
) -> None:
    warned: list[str] = []
    facts = found(monkeypatch, there(*nodes), zones, {"survive": "zone"}, warned)
    assert facts.zones == tuple(union), "a release must be possible just then, with the settings as they are"
    assert facts.nodes == len(nodes)
    assert warned == [
        f"ha-backend:cluster.zones: no node is in {absent} at the moment; nodes are in {', '.join(nodes)}"
    ]


@pytest.mark.parametrize("nodes", ["a", "aaa"])
def test_zones_without_nodes_are_refused_where_fewer_than_two_are_left(
    monkeypatch: pytest.MonkeyPatch, nodes: str
) -> None:
    warned: list[str] = []
    with pytest.raises(
        PreflightError,
        match=r"cluster\.zones: no node is in b, c: nodes are in a: correct the zones, or add nodes "
        r"\[zones-without-nodes\]$",
    ):
        found(monkeypatch, there(*nodes), ["a", "b", "c"], {"survive": "pod"}, warned)
    assert warned == []


def test_zones_that_no_node_is_labelled_with(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {**WHOLE, "list_node": items(node("one"), node("two"), node("three"))}
    assert rejected(monkeypatch, bare, ["a"], {}) == [
        "ha-backend:cluster.zones: no node is in a: nodes are in no zone (no node has the zone label): correct the "
        "zones, or add nodes [zones-without-nodes]"
    ]


def test_an_account_that_may_not_list_nodes_goes_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = found(
        monkeypatch, {**WHOLE, "list_node": FORBIDDEN}, ["a", "b"], {"survive": "zone", **scaled(cpuPercent=33)}
    )
    assert (facts.zones, facts.nodes, facts.version) == (("a", "b"), None, (1, 36))


def test_a_cluster_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rejected(monkeypatch, {**WHOLE, "get_code": version("1", f"{OLDEST - 1}+")}, [], {}) == [
        f"ha-backend:cluster: context 'prod' runs Kubernetes 1.{OLDEST - 1}: upgrade it to 1.{OLDEST} or "
        "later [kubernetes-too-old]"
    ]


@pytest.mark.parametrize("minor", [f"{OLDEST}", f"{OLDEST + 1}+", "36", "99"])
def test_a_cluster_that_is_recent_enough(monkeypatch: pytest.MonkeyPatch, minor: str) -> None:
    assert found(monkeypatch, {**WHOLE, "get_code": version("1", minor)}, [], {}).version is not None


@pytest.mark.parametrize(
    ("given", "key", "text"),
    [
        (
            {"placement": {"priorityClassName": "highest"}},
            "placement.priorityClassName",
            "'highest' is not a PriorityClass of the cluster: use one of the cluster's: high",
        ),
        (scaled(podMetrics=RPS), "autoscaling.podMetrics", "does not serve custom.metrics.k8s.io"),
        (scaled(externalMetrics=QUEUE), "autoscaling.externalMetrics", "does not serve external.metrics.k8s.io"),
        (scaled(cpuPercent=90), "autoscaling.cpuPercent", "90 is too high to survive the loss of a node"),
        (
            {"resources": {"requests": {"cpu": "5", "memory": "1Gi"}, "limits": {"cpu": "9", "memory": "1Gi"}}},
            "resources.requests.cpu",
            "'5' fits on no node: the largest has 4 for pods",
        ),
        (
            {"resources": {"tmpSizeLimit": "64Gi"}},
            "resources.tmpSizeLimit",
            "the largest has 65280Mi for pods: lower it",
        ),
    ],
)
def test_what_cannot_hold_there(monkeypatch: pytest.MonkeyPatch, given: Values, key: str, text: str) -> None:
    (problem,) = rejected(monkeypatch, WHOLE, [], given)
    assert problem.startswith(f"ha-backend:backend.{key}: ")
    assert text in problem


def test_every_problem_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {**WHOLE, "get_code": version("1", "28"), "list_node": items(node("one", zone="a"))}
    problems = rejected(monkeypatch, old, ["b"], {"survive": "zone", **scaled(tolerancePercent=5)})
    assert [problem.split(": ")[0] for problem in problems] == [
        "ha-backend:cluster",
        "ha-backend:cluster.zones",
        "ha-backend:backend.survive",
        "ha-backend:backend.autoscaling.tolerancePercent",
    ]


def test_a_cluster_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    down = {"list_node": InspectionError("the API server does not answer (refused)")}
    with pytest.raises(PreflightError) as caught:
        found(monkeypatch, down, [], {})
    assert str(caught.value) == (
        "ha-backend:cluster: context 'prod': the API server does not answer (refused). Nothing was changed "
        "[api-server-error]"
    )


def test_a_kubeconfig_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(*_: object) -> None:
        raise InspectionError("the kubeconfig cannot be used: no token")

    monkeypatch.setattr(inventory, "Client", unusable)
    with pytest.raises(PreflightError, match="no token"):
        preflight.facts(known(), LookUp(backend=backend()))


@pytest.mark.parametrize("survive", ["zone", "node"])
def test_what_is_demanded_is_refused_where_nobody_can_tell(monkeypatch: pytest.MonkeyPatch, survive: str) -> None:
    (problem,) = rejected(monkeypatch, {**WHOLE, "list_node": FORBIDDEN}, [], {"survive": survive})
    assert problem == (
        f"ha-backend:cluster.zones: the account cannot list nodes, so survive: {survive} cannot be checked: name two "
        "or more zones here, or permit the account to list nodes [zones-unknown]"
    )


def test_the_loss_of_a_pod_is_survived_wherever_the_nodes_are(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = found(monkeypatch, {**WHOLE, "list_node": FORBIDDEN}, [], {"survive": "pod"})
    assert (facts.zones, facts.nodes, facts.largest_node) == ((), None, None)


CLAIM = {"podTemplate": {"spec": {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}}
CLASS = {"ingress": {"hosts": ["a.example"]}}


def claim(*modes: str) -> Any:
    return items({"metadata": {"name": "data"}, "spec": {"accessModes": list(modes)}})


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (claim("ReadWriteOnce"), "can be mounted on one node only (ReadWriteOnce)"),
        (items(), "does not exist in namespace backend-service"),
    ],
)
def test_a_claim_is_asked_how_it_can_be_mounted(monkeypatch: pytest.MonkeyPatch, answer: Any, text: str) -> None:
    (problem,) = rejected(monkeypatch, {**WHOLE, "list_namespaced_persistent_volume_claim": answer}, [], CLAIM)
    assert text in problem
    for right in (claim("ReadWriteMany"), FORBIDDEN):
        found(monkeypatch, {**WHOLE, "list_namespaced_persistent_volume_claim": right}, [], CLAIM)


def test_a_cluster_is_asked_who_serves_an_ingress(monkeypatch: pytest.MonkeyPatch) -> None:
    default = {"metadata": {"name": "nginx", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}}
    (problem,) = rejected(monkeypatch, {**WHOLE, "list_ingress_class": named("nginx")}, [], CLASS)
    assert "has no default IngressClass (available: nginx)" in problem
    for right in (items(default), FORBIDDEN):
        found(monkeypatch, {**WHOLE, "list_ingress_class": right}, [], CLASS)


SCHEMA = "/openapi/v3/apis/gateway.networking.k8s.io/v1"


def published(*fields: str) -> Values:
    """The schema of an HTTPRoute whose rules have these fields."""
    rule: dict[str, Any] = {"properties": {name: {} for name in fields}}
    return {
        "components": {
            "schemas": {
                "a": {
                    "x-kubernetes-group-version-kind": [
                        {"group": "gateway.networking.k8s.io", "version": "v1", "kind": "HTTPRoute"}
                    ],
                    "properties": {"spec": {"properties": {"rules": {"items": rule}}}},
                }
            }
        }
    }


def test_a_cluster_is_asked_what_its_routes_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {**WHOLE, "get_api_versions": groups("apps", "metrics.k8s.io", "gateway.networking.k8s.io")}
    asks = {"route": {"parentRefs": [{"name": "edge"}], "backendTimeoutSeconds": 5, "retry": {"attempts": 2}}}
    problems = rejected(monkeypatch, {**there, SCHEMA: published("matches")}, [], asks)
    assert [one.split(": ")[0] for one in problems] == [
        f"ha-backend:backend.route.{key}" for key in ("backendTimeoutSeconds", "retry.attempts")
    ], "both at once"
    (problem,) = rejected(monkeypatch, {**there, SCHEMA: published("timeouts")}, [], asks)
    assert "has no field retry: install the experimental channel" in problem
    for right in (published("timeouts", "retry"), FORBIDDEN):
        found(monkeypatch, {**there, SCHEMA: right}, [], asks)
    old = {"route": {"parentRefs": [{"name": "edge"}], "timeoutSeconds": 5}}
    assert found(monkeypatch, {**there, SCHEMA: published("matches")}, [], old).route_fields is None, (
        "what was taken still is"
    )


def test_nodes_that_are_chosen_are_the_ones_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = {"podTemplate": {"spec": {"nodeSelector": {"topology.kubernetes.io/zone": "a"}}}}
    (problem,) = rejected(monkeypatch, WHOLE, [], pool)
    assert problem.startswith("ha-backend:backend.podTemplate.spec.nodeSelector: ")
    assert "leaves 1 node for the pods, so survive: node cannot hold" in problem
