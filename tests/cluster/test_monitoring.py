"""Monitors and alerts on an API server with the Prometheus operator's own definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.conftest import Kubectl, as_list
from tests.cluster.crds import PROMETHEUS, folder, withdraw
from tests.cluster.test_additions import lost
from tests.support.backends import manifests
from tests.support.crd_waits import wait_established
from tests.unit.components.test_monitoring import SCRAPED

KINDS = ("podmonitors", "prometheusrules")


@pytest.fixture(scope="module")
def operator(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    found = folder(*PROMETHEUS, tmp_path_factory.mktemp("go"))
    files = [str(found / f"monitoring.coreos.com_{kind}.yaml") for kind in KINDS]
    for file in files:
        kubectl("apply", "--server-side", "-f", file)
    for kind in KINDS:
        wait_established(kubectl, f"crd/{kind}.monitoring.coreos.com")
    yield
    withdraw(kubectl, *files)


def test_monitor_and_alerts_match_the_operator_s_definitions(kubectl: Kubectl, operator: Any) -> None:
    made = manifests(name="watched", **{**SCRAPED, "monitoring": {**SCRAPED["monitoring"], "objectivePercent": 99.9}})
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    for kind in ("PodMonitor", "PrometheusRule"):
        (wanted,) = (one for one in made if one["kind"] == kind)
        stored = kubectl("get", kind.lower(), "watched", "-n", "watched", "-o", "json")
        assert lost(wanted["spec"], stored["spec"]) == []
    bad = {**wanted, "spec": {"groups": [{"name": "x", "rules": [{"alert": "A", "expr": "up", "for": "soon"}]}]}}
    done = kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(bad), check=False)
    assert done.returncode != 0, "the definition is the one that knows durations"
    kubectl("delete", "namespace", "watched", "--wait=false")
