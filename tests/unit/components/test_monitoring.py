"""Monitoring: what Prometheus scrapes, and when it alerts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from components.availability import UNKNOWN, ClusterFacts, conflicts, facts_from_settings
from components.availability.alerts import alerts, min_available
from components.settings import LocalCluster
from components.settings.consistency import conflicts as contradictions
from tests.support.fake_engine import IMAGE, Monitor, backend
from tests.support.problems import Row, Values, rejected, row_id

SCRAPED: dict[str, Any] = {
    "metricsPort": 9797,
    "network": {"allowMetricsFrom": ["monitoring"]},
    "monitoring": {"scrape": True, "path": "/stats", "intervalSeconds": 15, "labels": {"release": "prometheus"}},
}
WATCHED: dict[str, Any] = {"monitoring": {"objectivePercent": 99.9}}
RATIO = "sum(rate(errors_total[$window])) / sum(rate(requests_total[$window]))"
THREE = ClusterFacts(("a", "b", "c"))


def test_by_default_nothing_is_registered(monitor: Monitor) -> None:
    assert not [one for one in monitor.make().requests if "monitoring" in one.type]


def test_all_pods_are_scraped_by_the_name_of_their_port(monitor: Monitor) -> None:
    made = monitor.make(**SCRAPED).inputs("monitoring.coreos.com/v1:PodMonitor")
    assert made["spec"] == {
        "selector": {"matchLabels": {"app.kubernetes.io/name": "backend-service"}},
        "podMetricsEndpoints": [{"port": "metrics", "path": "/stats", "interval": "15s"}],
    }
    assert made["metadata"]["labels"]["release"] == "prometheus"
    assert made["metadata"]["labels"]["app.kubernetes.io/name"] == "backend-service"
    assert not monitor.all("monitoring.coreos.com/v1:PrometheusRule")


def test_an_objective_registers_an_alert_for_each_burn_rate(monitor: Monitor) -> None:
    (group,) = monitor.make(**WATCHED).inputs("monitoring.coreos.com/v1:PrometheusRule")["spec"]["groups"]
    assert [(rule["alert"], rule["labels"]["severity"]) for rule in group["rules"]] == [
        *[("BackendBurnsErrorBudget", severity) for severity in ("critical", "critical", "warning", "warning")],
        ("BackendNotMeasured", "warning"),
    ]
    assert all(rule["annotations"]["summary"].startswith("backend-service: ") for rule in group["rules"])


@pytest.mark.parametrize(
    ("objective", "bounds"),
    [
        (99.9, ["0.0144", "0.006", "0.003", "0.001"]),
        (99, ["0.144", "0.06", "0.03", "0.01"]),
        ("99.95", ["0.0072", "0.003", "0.0015", "0.0005"]),
    ],
)
def test_the_burn_rates_are_those_of_the_sre_workbook(objective: Any, bounds: list[str]) -> None:
    found = alerts(backend(monitoring={"objectivePercent": objective, "errorRatio": RATIO}), THREE)
    assert [set(re.findall(r"> ([\d.]+)", one.expression)) for one in found] == [{bound} for bound in bounds]
    windows = [re.findall(r"errors_total\[(\w+)\]", one.expression) for one in found]
    assert windows == [["1h", "5m"], ["6h", "30m"], ["1d", "2h"], ["3d", "6h"]]
    assert all("$" not in one.expression for one in found)
    # After the long window, 2, 5, 10 and 10 percent of the budget of 30 days are spent.
    hours = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
    spent = [
        Decimal(bound) * hours[long] / (30 * 24) / Decimal(bounds[3])
        for bound, (long, _) in zip(bounds, windows, strict=True)
    ]
    assert spent == [Decimal("0.02"), Decimal("0.05"), Decimal("0.1"), Decimal("0.1")]


def test_without_an_error_ratio_the_alert_counts_available_pods() -> None:
    found = alerts(backend(name="web", namespace="shop", **WATCHED), THREE)
    pods = 'kube_deployment_status_replicas_available{namespace="shop",deployment="web"}'
    assert found[0].expression == (
        f"(avg_over_time(({pods} < bool 2)[1h:1m])) > 0.0144 and (avg_over_time(({pods} < bool 2)[5m:1m])) > 0.0144"
    )
    assert found[0].summary == "web: over 1h, fewer than 2 pods are available 14.4 times as often as 99.9 % allows"
    assert (found[-1].expression, found[-1].duration) == (f"absent({pods})", "15m")


@pytest.mark.parametrize(
    ("given", "facts", "pods"),
    [
        ({}, THREE, 2),
        ({"survive": "zone", "replicas": 6}, THREE, 4),
        ({"survive": "zone", "replicas": 6}, UNKNOWN, 5),
        ({"replicas": 2}, UNKNOWN, 1),
        ({"survive": "pod", "replicas": 5}, UNKNOWN, 4),
    ],
)
def test_the_alert_expects_the_pods_that_survive_the_failure(given: Values, facts: ClusterFacts, pods: int) -> None:
    assert min_available(backend(**given), facts) == pods


BAD: list[Row] = [
    (
        {"monitoring": {"objectivePercent": 99.8}},
        "monitoring.objectivePercent",
        "'99.8' is invalid; valid values: 99, 99.5, 99.9, 99.95",
    ),
    ({"monitoring": {"objectivePercent": True}}, "monitoring.objectivePercent", "true is invalid; valid values: 99"),
    ({"monitoring": {"intervalSeconds": 1}}, "monitoring.intervalSeconds", "from 5 to 300"),
    ({"monitoring": {"scrap": True}}, "monitoring.scrap", "did you mean 'scrape'?"),
]
TOGETHER: list[Row] = [
    ({"monitoring": {"scrape": True}}, "monitoring.scrape", "set metricsPort"),
    (
        {"monitoring": {"scrape": True}, "metricsPort": 9797},
        "monitoring.scrape",
        "add the namespace of Prometheus to network.allowMetricsFrom",
    ),
    ({"monitoring": {"errorRatio": RATIO}}, "monitoring.errorRatio", "set monitoring.objectivePercent"),
    (
        {"monitoring": {"errorRatio": "up", "objectivePercent": 99}},
        "monitoring.errorRatio",
        "'up' does not contain $window",
    ),
]


@pytest.mark.parametrize(("given", "key", "text"), BAD, ids=row_id)
def test_an_invalid_value_is_rejected(given: Values, key: str, text: str) -> None:
    found = rejected({"image": IMAGE, **given})
    assert list(found) == [f"backend.{key}"]
    assert text in found[f"backend.{key}"]


@pytest.mark.parametrize(("given", "key", "text"), TOGETHER, ids=row_id)
def test_a_contradiction_is_rejected(given: Values, key: str, text: str) -> None:
    (found,) = contradictions(backend(**given))
    assert found.key == key
    assert text in f"{found.value!r} {found.text}"


def test_monitoring_without_the_prometheus_operator_is_rejected() -> None:
    both = backend(**{**SCRAPED, "monitoring": {**SCRAPED["monitoring"], "objectivePercent": 99.9}})
    for facts in (
        ClusterFacts(("a", "b", "c"), apis=frozenset({"metrics.k8s.io"})),
        facts_from_settings(LocalCluster(kind="local")),
    ):
        found = conflicts(both, facts)
        assert [one.key for one in found] == ["monitoring.scrape", "monitoring.objectivePercent"]
        assert all("install the Prometheus operator" in one.text for one in found)
    assert not conflicts(
        both, ClusterFacts(("a", "b", "c"), apis=frozenset({"metrics.k8s.io", "monitoring.coreos.com"}))
    )
