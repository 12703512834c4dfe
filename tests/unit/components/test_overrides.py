"""Overrides of objects are merged by key, and what they leave out is as the component generates it."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import BackendSettings
from tests.support.fake_engine import Monitor, backend
from tests.support.pod_templates import own

METADATA = {"metadata": {"annotations": {"example.org/team": "shop"}}}
KINDS = {
    "service": "core/v1:Service",
    "serviceAccount": "core/v1:ServiceAccount",
    "deployment": "apps/v1:Deployment",
    "horizontalPodAutoscaler": "autoscaling/v2:HorizontalPodAutoscaler",
    "podDisruptionBudget": "policy/v1:PodDisruptionBudget",
}


def test_every_kind_of_override_is_tested() -> None:
    names = BackendSettings.model_json_schema(by_alias=True)["$defs"]["Overrides"]["properties"]
    assert set(names) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_alone_is_enough(monitor: Monitor, kind: str) -> None:
    plain = monitor.make().inputs(KINDS[kind])
    monitor.requests.clear()
    added = monitor.make(overrides={kind: METADATA}).inputs(KINDS[kind])
    assert added["metadata"]["annotations"]["example.org/team"] == "shop"
    assert added.get("spec") == plain.get("spec")


def test_a_list_of_plain_values_takes_the_place_of_the_generated_one(monitor: Monitor) -> None:
    drop = own(securityContext={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}})
    monitor.make(**drop)
    assert monitor.container()["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}


def test_a_further_port_may_have_the_name_that_the_main_one_gave_up(monitor: Monitor) -> None:
    ports: list[dict[str, Any]] = [{"port": 80, "name": "web"}, {"port": 8080, "name": "http"}]
    monitor.make(overrides={"service": {"spec": {"ports": ports}}})
    found = monitor.inputs("core/v1:Service")["spec"]["ports"]
    assert [(port["name"], port["port"]) for port in found] == [("web", 80), ("http", 8080)]


def test_a_metric_of_an_override_is_a_metric() -> None:
    target = {"type": "Utilization", "averageUtilization": 60}
    metrics = [{"type": "Resource", "resource": {"name": "memory", "target": target}}]
    overrides = {"horizontalPodAutoscaler": {"spec": {"metrics": metrics}}}
    assert backend(autoscaling={"cpuPercent": None}, overrides=overrides).autoscaling.cpu_percent is None
