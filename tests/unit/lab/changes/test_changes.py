"""The list of changes that are made on the real engine, and what is told from what was seen of each."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.availability import of_stack
from components.settings import load
from lab.changes import observed, run
from lab.changes.catalog import ALL, EMBEDDED, EXISTING, PLAIN
from lab.changes.change import Edit, State
from lab.changes.ours import LOCAL, existing
from lab.changes.plain import QUICK
from lab.changes.snapshot import Snapshot, behind
from lab.changes.watching import Moment, doors, serving
from tests.support.every_setting import CHANGES

PROJECT = Path(__file__).parent.parent.parent.parent.parent
BEGIN = {EMBEDDED: LOCAL, EXISTING: existing(Path("kubeconfig"), "one"), PLAIN: QUICK}


def states(track: str) -> dict[str, State]:
    """What each change of a track makes of what was there."""
    state, found = BEGIN[track], {}
    for change in ALL[track]:
        state = found[change.name] = change.make(state)
    return found


def test_the_list_is_long_and_holds_every_setting() -> None:
    names = [change.name for changes in ALL.values() for change in changes]
    assert len(names) == len(set(names)) >= 40
    assert set(CHANGES) <= set(names)


def test_what_a_change_needs_comes_before_it() -> None:
    for changes in ALL.values():
        before: set[str] = set()
        for change in changes:
            assert not change.after or change.after in before
            before.add(change.name)


def test_a_change_that_is_asked_for_brings_what_it_needs() -> None:
    chosen = run.chosen(["disruptionBudget.maxUnavailable"])
    assert [change.name for change in chosen[EXISTING]] == [
        "autoscaling.enabled",
        "replicas: more when fixed",
        "disruptionBudget.maxUnavailable",
        "disruptionBudget.maxUnavailable: back",
    ]
    assert not chosen[EMBEDDED] and not chosen[PLAIN]
    assert run.chosen(["plain/"])[PLAIN] == list(ALL[PLAIN])
    with pytest.raises(ValueError, match="nonsense: no such change"):
        run.chosen(["nonsense"])


@pytest.mark.parametrize("track", [EMBEDDED, EXISTING])
def test_no_settings_are_refused(track: str) -> None:
    for name, state in states(track).items():
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in state.config.items()}
        assert load(values, (), of_stack), name


@pytest.mark.parametrize("track", ALL)
def test_what_is_edited_is_in_the_program(track: str) -> None:
    folder = PROJECT / "tests" / "changes" / "rival" if track == PLAIN else PROJECT
    for name, state in states(track).items():
        texts: dict[str, str] = {}
        for edit in state.edits:
            text = texts.get(edit.file) or (folder / edit.file).read_text()
            assert text.count(edit.before) == 1, (name, edit)
            texts[edit.file] = text.replace(edit.before, edit.after)


def test_every_change_changes_something() -> None:
    for track in ALL:
        before = BEGIN[track]
        for name, state in states(track).items():
            assert state != before, name
            before = state


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
    """The objects, with one field of one kind set; None takes it away."""
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
    found: dict[tuple[str, str], Any] = {
        (kind, "web"): {**one, "metadata": {**common, "uid": kind, **one.get("metadata", {})}}
        for kind, one in objects.items()
    }
    spec = found["Deployment", "web"]["spec"]["template"]["spec"] if ("Deployment", "web") in found else POD
    return Snapshot({**found, **{("Pod", uid): pod(uid, spec) for uid in pods}}, promise or {})


def moments(*served: str, **more: Any) -> list[Moment]:
    plain = {"deployment": "d", "service": "s", "doors": frozenset({"10.0.0.1:80/TCP"}), **more}
    return [Moment(number, frozenset(uids), **plain) for number, uids in enumerate(served)]


def did(after: Snapshot, seen: list[Moment], before: Snapshot | None = None) -> set[str]:
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
        ("PodDisruptionBudget.spec", {"minAvailable": 2}, {"weaker"}),  # of six it lets four go
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
def test_what_is_told_from_the_stored_objects(path: str, value: Any, effects: set[str]) -> None:
    after = snapshot(path, value)
    found = did(after, STEADY)
    assert found - ({"weaker"} if "outage" in effects else set()) == effects


def test_a_quota_and_a_policy_that_come_bound_what_runs() -> None:
    assert did(snapshot(), STEADY, snapshot("ResourceQuota")) == {"lower"}
    assert did(snapshot(), STEADY, snapshot("NetworkPolicy")) == {"weaker"}


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
def test_what_is_told_from_the_pods(pods: str, served: tuple[str, ...], effects: set[str]) -> None:
    assert did(snapshot(pods=pods), moments(*served)) == effects


def test_fewer_endpoints_are_none_too_few_where_the_strategy_takes_them_away() -> None:
    before = after = snapshot("Deployment.spec.strategy.rollingUpdate.maxUnavailable", 1, pods="abc")
    assert did(
        Snapshot({**after.objects, ("Pod", "a"): pod("x"), ("Pod", "b"): pod("y"), ("Pod", "c"): pod("z")}),
        moments("abc", "bc", "xyz"),
        before,
    ) == {"restart"}


def test_an_address_that_is_not_answered_any_more_is_an_outage() -> None:
    assert did(snapshot(), moments("abc") + moments("abc", doors=frozenset({"10.0.0.1:8080/TCP"}))) == {"outage"}
    assert (
        did(snapshot(), moments("abc") + moments("abc", doors=frozenset({"10.0.0.1:80/TCP", "10.0.0.1:443/TCP"})))
        == set()
    )
    assert doors(
        {
            "spec": {"clusterIPs": ["10.0.0.1"], "ports": [{"port": 80}], "type": "LoadBalancer"},
            "status": {"loadBalancer": {"ingress": [{"ip": "10.64.0.1"}]}},
        }
    ) == {"10.0.0.1:80/TCP", "10.64.0.1:80/TCP"}


def test_a_pod_that_is_asked_on_a_port_it_has_not_serves_nothing() -> None:
    def asked(port: int, ready: bool = True) -> frozenset[str]:
        endpoint = {"targetRef": {"uid": "a"}, "conditions": {"ready": ready}}
        return serving([{"ports": [{"port": port}], "endpoints": [endpoint]}], [pod("a")])

    assert asked(8080) == {"a"}
    assert not asked(9999)
    assert not asked(8080, ready=False)


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
def test_what_is_told_from_the_promise(row: dict[str, Any], effects: set[str]) -> None:
    promise = {"pod": {"survived": True, "recoverySeconds": 40, "errorWindowSeconds": 7, "capacityLeftPercent": 66}}
    assert did(snapshot(promise={"pod": {**promise["pod"], **row}}), STEADY, snapshot(promise=promise)) == effects


def test_a_time_of_recovery_that_is_no_longer_promised_is_less() -> None:
    whole = {"node": {"survived": True, "recoverySeconds": 145, "errorWindowSeconds": 7, "capacityLeftPercent": 66}}
    without = {"node": {key: value for key, value in whole["node"].items() if key != "recoverySeconds"}}
    assert did(snapshot(promise=without), STEADY, snapshot(promise=whole)) == {"weaker"}
    assert did(snapshot(promise=whole), STEADY, snapshot(promise=without)) == set()
    assert did(snapshot(promise=without), STEADY, snapshot(promise=without)) == set()


def test_what_pods_cannot_start_without() -> None:
    before = snapshot("Deployment.spec.template.spec.containers.0.envFrom", [{"configMapRef": {"name": "web"}}])
    without = {key: one for key, one in before.objects.items() if key[0] != "ConfigMap"}
    assert did(Snapshot(without), STEADY, before) == {"weaker"}


def test_objects_that_are_gone_are_counted_by_kind() -> None:
    after = snapshot("ConfigMap.metadata", {"uid": "another"})
    assert observed.outcome(snapshot(), STEADY, after).gone == {"ConfigMap": 1}


def test_it_is_waited_for_what_the_controllers_have_not_seen() -> None:
    assert behind(snapshot()) is None
    assert behind(snapshot(pods="abcd")) == "4 pods of 3"
    assert behind(snapshot("Deployment.status.observedGeneration", 0)) == "Deployment web is not taken in yet"


def test_an_edit_is_made_and_taken_back() -> None:
    [first, second] = [
        change for change in ALL[PLAIN] if change.name.startswith("plain: image") and "under" not in change.name
    ]
    edited = first.make(QUICK)
    assert [edit.after for edit in edited.edits][1:] == ["podinfo:6.9.2"]
    assert second.make(edited) == QUICK
    assert isinstance(edited.edits[0], Edit)
