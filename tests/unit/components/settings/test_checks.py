"""Problems of all kinds are reported together: none twice, and none that only follows from another."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import ClusterFacts, conflicts
from components.settings import BackendSettings, SettingsError
from components.settings.conflict import Conflict
from components.settings.load import validate_backend
from tests.support.fake_engine import IMAGE, backend
from tests.support.problems import EXISTING, LOCAL, RPS, Values, rejected, scaled

ONE_ZONE = {**LOCAL, "zones": ["a"], "nodesPerZone": 3}


def keys(given: Values, cluster: Any = LOCAL, **more: Any) -> set[str]:
    return {key.removeprefix("backend.") for key in rejected({"image": IMAGE, **given}, cluster, **more)}


def test_invalid_values_conflicts_and_rules_at_once() -> None:
    assert keys(
        {
            "port": 0,
            "nmae": "web",
            "health": {"readinessPath": "/healthz"},
            "labels": {"k8s.io/a": "b"},
            "survive": "zone",
            "disruptionBudget": {"maxUnavailable": 3},
            "image": "nginx:latest",
            **scaled(podMetrics=RPS),
        },
        ONE_ZONE,
    ) == {
        "port",
        "nmae",
        "labels.k8s.io/a",
        "survive",
        "disruptionBudget.maxUnavailable",
        "image",
        "autoscaling.podMetrics",
    }


def test_conflicts_and_rules_at_once() -> None:
    assert keys(
        {"network": {"allowMetricsFrom": ["a"]}, "survive": "zone", "rollout": {"progressDeadlineSeconds": 30}},
        ONE_ZONE,
    ) == {
        "network.allowMetricsFrom",
        "survive",
        "rollout.progressDeadlineSeconds",
    }


def test_the_message_counts_the_problems() -> None:
    with pytest.raises(SettingsError) as caught:
        validate_backend({"image": IMAGE, "network": {"allowMetricsFrom": ["a"]}, "replicas": 20}, "web")
    assert str(caught.value).splitlines()[0] == "The settings have 2 problems:"


@pytest.mark.parametrize(
    "field",
    [
        {"port": 0},
        {"nmae": "x"},
        {"environment": {"A": 1}},
        {"labels": {"a": 1}},
        {"network": {"egress": [{"namespace": "A"}]}},
        {"health": {"startupSeconds": 1}},
    ],
)
def test_an_invalid_value_and_a_rule_elsewhere_are_reported_together(field: Values) -> None:
    (key,) = keys(field)
    assert keys({"survive": "zone", **field}, ONE_ZONE) == {key, "survive"}


@pytest.mark.parametrize("kind", [{"kind": "remote"}, {**LOCAL, "zones": []}, {**LOCAL, "kubernetes": "1.20"}, "local"])
def test_an_invalid_cluster_violates_no_rule(kind: Any) -> None:
    given = {"survive": "zone", "placement": {"priorityClassName": "high"}, **scaled(podMetrics=RPS)}
    (reported,) = keys(given, kind)
    assert reported.startswith("cluster")
    assert keys({**given, "disruptionBudget": {"maxUnavailable": 3}}, kind) == {
        reported,
        "disruptionBudget.maxUnavailable",
    }


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"image": 5}, "image"),
        ({"replicas": "1"}, "replicas"),
        ({"replicas": "x", "disruptionBudget": {"maxUnavailable": 3}}, "replicas"),
        ({"survive": "region", "disruptionBudget": {"maxUnavailable": 2}}, "survive"),
        ({"survive": "region", **scaled(cpuPercent=95)}, "survive"),
        ({"survive": "region", "disruptionBudget": {"maxUnavailable": 3}}, "survive"),
        ({"disruptionBudget": {"maxUnavailable": "3"}}, "disruptionBudget.maxUnavailable"),
        ({**scaled(cpuPercent="95")}, "autoscaling.cpuPercent"),
        ({"autoscaling": {"enabled": "no", "cpuPercent": 95}}, "autoscaling.enabled"),
        ({"autoscaling": {"enabled": "no", "podMetrics": RPS}}, "autoscaling.enabled"),
        ({"autoscaling": {"enabled": "no", "maxReplicas": 100}}, "autoscaling.enabled"),
        ({"autoscaling": {"enabled": "no", "maxReplicas": 1}}, "autoscaling.enabled"),
        (scaled(cpuPercent=None, memoryPercent=5), "autoscaling.memoryPercent"),
        (scaled(cpuPercent=None, podMetrics=[{"name": "rps"}]), "autoscaling.podMetrics[0].averageValue"),
        (scaled(cpuPercent=None, externalMetrics="x"), "autoscaling.externalMetrics"),
        ({"autoscaling": {"maxReplicas": "100"}}, "autoscaling.maxReplicas"),
        ({"resources": {"requests": {"cpu": "x", "memory": "64Mi"}}, **scaled(20)}, "resources.requests.cpu"),
        ({"resources": {"limits": {"cpu": "x", "memory": "1Gi"}}, **scaled(cpuPercent=95)}, "resources.limits.cpu"),
        ({"placement": {"spread": "hard", "priorityClassName": 5}}, "placement.priorityClassName"),
        ({"metricsPort": 0, "network": {"allowMetricsFrom": ["a"]}}, "metricsPort"),
    ],
)
def test_a_rule_ignores_invalid_settings(given: Values, key: str) -> None:
    assert keys(given) == {key}


@pytest.mark.parametrize("protect", ["yes", 1, None])
def test_an_invalid_protect_requires_no_digest(protect: Any) -> None:
    assert keys({}, EXISTING, protect=protect) == {"protect"}


def test_utilization_is_not_checked_if_requests_exceed_limits() -> None:
    above = {"requests": {"cpu": "2", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}}
    assert keys({"survive": "pod", "resources": above, **scaled(cpuPercent=50)}, EXISTING) == {"resources.requests.cpu"}


def test_an_invalid_label_hides_no_other_label() -> None:
    assert keys({"labels": {"team": 5, "k8s.io/a": "b"}}) == {"labels.team", "labels.k8s.io/a"}


@pytest.mark.parametrize("name", ["image", "cpu", "memory", "team"])
def test_an_invalid_label_hides_no_other_problem(name: str) -> None:
    assert keys({"labels": {name: 5}, "network": {"allowMetricsFrom": ["a"]}}) == {
        f"labels.{name}",
        "network.allowMetricsFrom",
    }


@pytest.mark.parametrize("name", ["image", "cpu", "memory"])
def test_an_invalid_variable_hides_no_other_problem(name: str) -> None:
    assert keys({"environment": {name: 5}, "network": {"allowMetricsFrom": ["a"]}}) == {
        f"environment.{name}",
        "network.allowMetricsFrom",
    }


def rules(given: BackendSettings) -> list[Conflict]:
    return conflicts(given, ClusterFacts(nodes=1))


def keys_of_component(args: Any) -> set[str]:
    with pytest.raises(SettingsError) as caught:
        validate_backend(args, "web", rules)
    assert len({p.key for p in caught.value.problems}) == len(caught.value.problems)
    return {p.key for p in caught.value.problems}


def test_keys_start_with_the_name_of_the_component() -> None:
    assert keys_of_component({"replicas": 20, "image": IMAGE, "network": {"allowMetricsFrom": ["a"]}}) == {
        "web.autoscaling.maxReplicas",
        "web.network.allowMetricsFrom",
        "web.survive",
    }
    assert keys_of_component(backend(network={"allowMetricsFrom": ["a"]})) == {
        "web.network.allowMetricsFrom",
        "web.survive",
    }


def test_a_component_reports_all_problems_at_once() -> None:
    assert keys_of_component({"image": IMAGE, "metricsPort": 9000, "port": "x"}) == {"web.port", "web.survive"}
    assert keys_of_component({"replicas": 20, "servicePort": 0}) == {
        "web.image",
        "web.servicePort",
        "web.autoscaling.maxReplicas",
        "web.survive",
    }


def test_a_component_without_settings() -> None:
    assert "web.image" in keys_of_component({})


def test_valid_settings_of_a_component_are_returned() -> None:
    given = backend()
    assert validate_backend(given, "web") is given
    assert validate_backend({"image": IMAGE}, "web") == given
