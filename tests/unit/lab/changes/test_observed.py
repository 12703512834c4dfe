"""The observed effects of a change, derived from objects, pods, addresses and the promise."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from lab.changes import observed
from lab.changes.snapshot import Snapshot, pending
from lab.changes.watching import Moment, addresses, serving

LABELS = {"app": "web"}
CONTAINER = {
    "name": "web",
    "ports": [{"containerPort": 8080}],
    "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}},
    "readinessProbe": {"periodSeconds": 5, "failureThreshold": 2, "timeoutSeconds": 2},
    "lifecycle": {"preStop": {"sleep": {"seconds": 35}}},
}
POD = {
    "containers": [CONTAINER],
    "terminationGracePeriodSeconds": 60,
    "topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1}],
    "tolerations": [{"key": "unreachable", "effect": "NoExecute", "tolerationSeconds": 30}],
}
OBJECTS: dict[str, dict[str, Any]] = {
    "Deployment": {
        "spec": {
            "replicas": 3,
            "minReadySeconds": 5,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {"spec": POD},
        },
        "status": {"observedGeneration": 1},
    },
    "Service": {"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}},
    "HorizontalPodAutoscaler": {
        "spec": {
            "minReplicas": 3,
            "maxReplicas": 6,
            "metrics": [
                {
                    "type": "ContainerResource",
                    "containerResource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
        }
    },
    "PodDisruptionBudget": {
        "spec": {"maxUnavailable": 1},
        "status": {"expectedPods": 3, "disruptionsAllowed": 1, "observedGeneration": 1},
    },
    "ResourceQuota": {"spec": {"hard": {"pods": "22"}}},
    "NetworkPolicy": {
        "spec": {
            "policyTypes": ["Ingress"],
            "podSelector": {"matchLabels": LABELS},
            "ingress": [{"ports": [{"port": 8080}, {"port": 9797}]}],
        }
    },
    "ConfigMap": {"data": {"A": "1"}},
}


def pod(uid: str, spec: Mapping[str, Any] = POD) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "labels": LABELS}, "spec": spec}


def snapshot(
    path: str = "", value: Any = None, pods: str = "abc", promise: Mapping[str, Any] | None = None
) -> Snapshot:
    """Return the objects with one field of one kind set; None removes it."""
    objects = copy.deepcopy(OBJECTS)
    words = path.split(".") if path else []
    at: Any = objects
    for word in words[:-1]:
        at = at[int(word)] if isinstance(at, list) else at[word]
    if words and value is None:
        del at[words[-1]]
    elif words:
        at[words[-1]] = value
    common = {"name": "web", "generation": 1}
    result: dict[tuple[str, str], Any] = {
        (kind, "web"): {**one, "metadata": {**common, "uid": kind, **one.get("metadata", {})}}
        for kind, one in objects.items()
    }
    spec = result["Deployment", "web"]["spec"]["template"]["spec"] if ("Deployment", "web") in result else POD
    return Snapshot({**result, **{("Pod", uid): pod(uid, spec) for uid in pods}}, promise or {})


def moments(*served: str, **more: Any) -> list[Moment]:
    plain = {"deployment": "d", "service": "s", "addresses": frozenset({"10.0.0.1:80/TCP"}), **more}
    return [Moment(number, frozenset(uids), **plain) for number, uids in enumerate(served)]


def effects_of(after: Snapshot, seen: list[Moment], before: Snapshot | None = None) -> set[str]:
    return set(observed.outcome(before or snapshot(), seen, after).effects)


STEADY = moments("abc", "abc")


@pytest.mark.parametrize(
    ("path", "value", "effects"),
    [
        ("ConfigMap.data.A", "2", set()),
        ("Deployment.spec.progressDeadlineSeconds", 60, set()),
        ("HorizontalPodAutoscaler.spec.minReplicas", 2, {"lower"}),
        ("HorizontalPodAutoscaler.spec.minReplicas", 4, set()),
        ("HorizontalPodAutoscaler.spec.maxReplicas", 5, {"lower"}),
        ("HorizontalPodAutoscaler.spec.metrics.0.containerResource.target.averageUtilization", 80, {"lower"}),
        ("HorizontalPodAutoscaler.spec.metrics.0.containerResource.target.averageUtilization", 50, set()),
        ("HorizontalPodAutoscaler.spec.metrics.0.containerResource.name", "memory", {"lower"}),
        ("HorizontalPodAutoscaler", None, {"weaker"}),
        ("ResourceQuota.spec.hard.pods", "20", {"lower"}),
        ("ResourceQuota.spec.hard.pods", "30", set()),
        ("ResourceQuota", None, set()),
        ("Deployment.spec.template.spec.containers.0.resources.requests.cpu", "250m", {"lower"}),
        ("Deployment.spec.template.spec.containers.0.resources.limits.cpu", "2", set()),
        ("Deployment.spec.template.spec.containers.0.readinessProbe", None, {"weaker"}),
        ("Deployment.spec.template.spec.containers.0.readinessProbe.failureThreshold", 3, {"weaker"}),
        ("Deployment.spec.template.spec.containers.0.lifecycle", None, {"weaker"}),
        ("Deployment.spec.template.spec.terminationGracePeriodSeconds", 30, {"weaker"}),
        ("Deployment.spec.template.spec.topologySpreadConstraints", None, {"weaker"}),
        ("Deployment.spec.template.spec.tolerations", [], {"weaker"}),
        ("Deployment.spec.minReadySeconds", 1, {"weaker"}),
        ("Deployment.spec.strategy", {"type": "Recreate"}, {"weaker"}),
        ("Deployment.spec.strategy.rollingUpdate.maxUnavailable", 1, {"weaker"}),
        ("Deployment.spec.strategy.rollingUpdate.maxUnavailable", "20%", {"weaker"}),  # one of six
        ("PodDisruptionBudget", None, {"weaker"}),
        ("PodDisruptionBudget.spec.maxUnavailable", 2, {"weaker"}),
        ("PodDisruptionBudget.spec.maxUnavailable", 0, {"weaker"}),
        ("PodDisruptionBudget.status.expectedPods", 0, {"weaker"}),
        ("PodDisruptionBudget.status.disruptionsAllowed", 2, {"weaker"}),
        ("PodDisruptionBudget.spec", {"minAvailable": 2}, {"weaker"}),  # of six it allows four evictions
        ("PodDisruptionBudget.spec", {"minAvailable": "90%"}, {"weaker"}),  # none, ever
        ("Service.spec.externalTrafficPolicy", "Cluster", {"weaker"}),
        ("NetworkPolicy", None, {"weaker"}),
        ("NetworkPolicy.spec.ingress", [{"ports": [{"port": 8080}]}], {"weaker"}),
        ("NetworkPolicy.spec.ingress", [{}], set()),
        ("NetworkPolicy.spec.policyTypes", ["Ingress", "Egress"], {"weaker"}),
        ("Service", None, {"outage"}),
        ("Deployment", None, {"outage"}),
    ],
)
def test_effects_of_stored_objects(path: str, value: Any, effects: set[str]) -> None:
    after = snapshot(path, value)
    assert effects_of(after, STEADY) - ({"weaker"} if "outage" in effects else set()) == effects


def test_a_new_quota_and_a_new_policy_restrict_running_pods() -> None:
    assert effects_of(snapshot(), STEADY, snapshot("ResourceQuota")) == {"lower"}
    assert effects_of(snapshot(), STEADY, snapshot("NetworkPolicy")) == {"weaker"}


@pytest.mark.parametrize(
    ("pods", "served", "effects"),
    [
        ("def", ("abc", "abcd", "bcde", "def"), {"restart"}),
        ("def", ("abc", "ab", "def"), {"restart", "lower"}),
        ("def", ("abc", "", "def"), {"restart", "outage"}),
        ("abd", ("abc", "abd"), {"restart"}),
        ("abcd", ("abc", "abcd"), set()),
        ("abc", ("abc", "", "abc"), {"outage"}),
    ],
)
def test_effects_of_replaced_pods(pods: str, served: tuple[str, ...], effects: set[str]) -> None:
    assert effects_of(snapshot(pods=pods), moments(*served)) == effects


def test_as_few_endpoints_as_the_strategy_allows_are_no_dip() -> None:
    before = after = snapshot("Deployment.spec.strategy.rollingUpdate.maxUnavailable", 1, pods="abc")
    assert effects_of(
        Snapshot({**after.objects, ("Pod", "a"): pod("x"), ("Pod", "b"): pod("y"), ("Pod", "c"): pod("z")}),
        moments("abc", "bc", "xyz"),
        before,
    ) == {"restart"}


def test_an_unreachable_address_is_an_outage() -> None:
    assert effects_of(snapshot(), moments("abc") + moments("abc", addresses=frozenset({"10.0.0.1:8080/TCP"}))) == {
        "outage"
    }
    assert (
        effects_of(
            snapshot(), moments("abc") + moments("abc", addresses=frozenset({"10.0.0.1:80/TCP", "10.0.0.1:443/TCP"}))
        )
        == set()
    )
    assert addresses(
        {
            "spec": {"clusterIPs": ["10.0.0.1"], "ports": [{"port": 80}], "type": "LoadBalancer"},
            "status": {"loadBalancer": {"ingress": [{"ip": "10.64.0.1"}]}},
        }
    ) == {"10.0.0.1:80/TCP", "10.64.0.1:80/TCP"}


def test_a_pod_without_the_target_port_serves_nothing() -> None:
    def serves(port: int, ready: bool = True) -> frozenset[str]:
        endpoint = {"targetRef": {"uid": "a"}, "conditions": {"ready": ready}}
        return serving([{"ports": [{"port": port}], "endpoints": [endpoint]}], [pod("a")])

    assert serves(8080) == {"a"}
    assert not serves(9999)
    assert not serves(8080, ready=False)


@pytest.mark.parametrize(
    ("row", "effects"),
    [
        ({}, set()),
        ({"survived": False}, {"weaker"}),
        ({"recoverySeconds": 60}, {"weaker"}),
        ({"errorWindowSeconds": 8}, {"weaker"}),
        ({"capacityLeftPercent": 50}, {"weaker"}),
        ({"recoverySeconds": 30}, set()),
        ({"capacityLeftPercent": 75}, set()),
    ],
)
def test_effects_on_the_promise(row: dict[str, Any], effects: set[str]) -> None:
    promise = {"pod": {"survived": True, "recoverySeconds": 40, "errorWindowSeconds": 7, "capacityLeftPercent": 66}}
    assert (
        effects_of(snapshot(promise={"pod": {**promise["pod"], **row}}), STEADY, snapshot(promise=promise)) == effects
    )


def test_a_recovery_time_that_is_no_longer_promised_is_weaker() -> None:
    full = {"node": {"survived": True, "recoverySeconds": 145, "errorWindowSeconds": 7, "capacityLeftPercent": 66}}
    without = {"node": {key: value for key, value in full["node"].items() if key != "recoverySeconds"}}
    assert effects_of(snapshot(promise=without), STEADY, snapshot(promise=full)) == {"weaker"}
    assert effects_of(snapshot(promise=full), STEADY, snapshot(promise=without)) == set()
    assert effects_of(snapshot(promise=without), STEADY, snapshot(promise=without)) == set()


def test_a_deleted_object_that_pods_refer_to_is_weaker() -> None:
    before = snapshot("Deployment.spec.template.spec.containers.0.envFrom", [{"configMapRef": {"name": "web"}}])
    without = {key: one for key, one in before.objects.items() if key[0] != "ConfigMap"}
    assert effects_of(Snapshot(without), STEADY, before) == {"weaker"}


def test_deleted_objects_are_counted_by_kind() -> None:
    after = snapshot("ConfigMap.metadata", {"uid": "another"})
    assert observed.outcome(snapshot(), STEADY, after).deletions == {"ConfigMap": 1}


def test_what_the_controllers_have_not_processed_is_pending() -> None:
    assert pending(snapshot()) is None
    assert pending(snapshot(pods="abcd")) == "4 pods of 3"
    assert pending(snapshot("Deployment.status.observedGeneration", 0)) == "Deployment web is not processed yet"
