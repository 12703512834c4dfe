"""Scheduling of pods, and labels of objects."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from tests.support.fake_engine import Monitor, selectors

SELECTOR = {"app.kubernetes.io/name": "backend-service"}
OURS = {**SELECTOR, "app.kubernetes.io/component": "backend", "app.kubernetes.io/managed-by": "pulumi"}
FULL: dict[str, Any] = {
    "environment": {"A": "1"},
    "generatedSecrets": {"names": ["SESSION_KEY"]},
    "metricsPort": 9000,
    "network": {"egress": [{"namespace": "queue"}], "allowMetricsFrom": ["monitoring"]},
}
LABELS = {"team": "payments", "example.org/cost-centre": "42", "app.kubernetes.io/part-of": "shop"}


@pytest.mark.parametrize(
    ("settings", "unsatisfiable"),
    [
        ({}, "ScheduleAnyway"),
        ({"placement": {"spread": "soft"}}, "ScheduleAnyway"),
        ({"placement": {"spread": "hard"}}, "DoNotSchedule"),
    ],
)
def test_pods_are_spread_over_zones_and_nodes(monitor: Monitor, settings: dict[str, Any], unsatisfiable: str) -> None:
    spreads = monitor.make(**settings).pod()["topologySpreadConstraints"]
    assert [spread["topologyKey"] for spread in spreads] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    for spread in spreads:
        assert spread["whenUnsatisfiable"] == unsatisfiable
        assert (spread["maxSkew"], spread["matchLabelKeys"]) == (1, ["pod-template-hash"])
        assert spread["labelSelector"] == {"matchLabels": SELECTOR}


@pytest.mark.parametrize("spread", ["soft", "hard"])
def test_a_lost_domain_leaves_no_pod_pending(monitor: Monitor, spread: str) -> None:
    for constraint in monitor.make(placement={"spread": spread}).pod()["topologySpreadConstraints"]:
        assert constraint["nodeTaintsPolicy"] == "Honor"
        assert "minDomains" not in constraint


@pytest.mark.parametrize("spread", ["soft", "hard"])
def test_pods_prefer_separate_nodes_without_zone_labels(monitor: Monitor, spread: str) -> None:
    anti_affinity = monitor.make(placement={"spread": spread}).pod()["affinity"]["podAntiAffinity"]
    (preferred,) = anti_affinity.pop("preferredDuringSchedulingIgnoredDuringExecution")
    assert anti_affinity == {}, "a pod must never wait for another node"
    assert preferred["podAffinityTerm"] == {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": SELECTOR},
        "matchLabelKeys": ["pod-template-hash"],
    }


@pytest.mark.parametrize("seconds", [0, 30, 300])
def test_pods_leave_a_lost_node_after_the_seconds_in_the_settings(monitor: Monitor, seconds: int) -> None:
    tolerations = monitor.make(placement={"tolerationSeconds": seconds}).pod()["tolerations"]
    assert {t["key"]: t["tolerationSeconds"] for t in tolerations} == {
        "node.kubernetes.io/not-ready": seconds,
        "node.kubernetes.io/unreachable": seconds,
    }
    assert all(t["effect"] == "NoExecute" and t["operator"] == "Exists" for t in tolerations)


def test_pods_leave_a_lost_node_after_30_seconds_by_default(monitor: Monitor) -> None:
    assert {t["tolerationSeconds"] for t in monitor.make().pod()["tolerations"]} == {30}


def test_a_priority_class(monitor: Monitor) -> None:
    assert monitor.make(placement={"priorityClassName": "high"}).pod()["priorityClassName"] == "high"


def test_without_a_priority_class_the_clusters_default_applies(monitor: Monitor) -> None:
    assert "priorityClassName" not in monitor.make().pod()


def objects(monitor: Monitor, **settings: Any) -> dict[str, dict[str, Any]]:
    """Return every Kubernetes object of a backend with all features, by its logical name."""
    monitor.make(**FULL, **settings)
    return {
        request.name: json_format.MessageToDict(request.object)
        for request in monitor.requests
        if request.type.startswith("kubernetes:")
    }


def test_custom_labels_are_on_every_object_and_on_the_pods(monitor: Monitor) -> None:
    found = objects(monitor, labels=LABELS)
    assert len(found) == 12
    for labels in [
        *(each["metadata"]["labels"] for each in found.values()),
        monitor.inputs("apps/v1:Deployment")["spec"]["template"]["metadata"]["labels"],
    ]:
        assert LABELS.items() <= labels.items()
        assert OURS.items() <= labels.items()


def test_custom_labels_are_in_no_selector(monitor: Monitor) -> None:
    found = [selector for each in objects(monitor, labels=LABELS).values() for selector in selectors(each)]
    assert len(found) >= 8
    own = [selector for selector in found if "kubernetes.io/metadata.name" not in selector]
    assert own
    assert all(selector == SELECTOR for selector in own)


def test_a_changed_label_changes_no_selector(monitor: Monitor) -> None:
    before = {name: list(selectors(each)) for name, each in objects(monitor).items()}
    monitor.requests.clear()
    assert {name: list(selectors(each)) for name, each in objects(monitor, labels=LABELS).items()} == before
