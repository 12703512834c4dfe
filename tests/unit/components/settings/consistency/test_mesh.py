"""Settings that contradict a service mesh."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings import consistency
from tests.support.fake_engine import backend
from tests.support.meshes import TRAFFIC_RULES, WAYPOINT
from tests.support.pod_templates import annotated


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"meshOptions": TRAFFIC_RULES}, {"mesh"}),
        ({"mesh": "linkerd", "meshOptions": {"revision": "canary"}}, {"meshOptions.revision"}),
        ({"mesh": "istio", "meshOptions": {"waypoint": WAYPOINT}}, {"meshOptions.waypoint"}),
        (
            {"mesh": "istio-ambient", "meshOptions": {"proxy": {"limits": {"cpu": "1", "memory": "1Gi"}}}},
            {"meshOptions.proxy"},
        ),
        (
            {"mesh": "istio-ambient", "meshOptions": TRAFFIC_RULES},
            {"meshOptions.retryAttempts", "meshOptions.outlierDetection.consecutiveFailures"},
        ),
        (
            {"mesh": "istio-ambient", "name": "shop", "meshOptions": {"waypoint": {"name": "w", "namespace": "shop"}}},
            {"meshOptions.waypoint.namespace"},
        ),
        (
            {"mesh": "istio", "meshOptions": {"outlierDetection": {"ejectionSeconds": 5}}},
            {"meshOptions.outlierDetection.consecutiveFailures"},
        ),
        (
            {"mesh": "istio", "meshOptions": {"proxy": {"requests": {"cpu": "3", "memory": "2Gi"}}}},
            {"meshOptions.proxy.requests.cpu", "meshOptions.proxy.requests.memory"},
        ),
        (
            {"mesh": "istio", "labels": {"sidecar.istio.io/inject": "false", "istio.io/rev": "x"}},
            {"labels.sidecar.istio.io/inject", "labels.istio.io/rev"},
        ),
        ({"mesh": "istio", "selector": {"sidecar.istio.io/inject": "false"}}, {"selector.sidecar.istio.io/inject"}),
        ({"mesh": "istio", "port": 15001, "metricsPort": 15001}, {"port"}),
        (
            {"mesh": "linkerd", **annotated({"linkerd.io/inject": "disabled"})},
            {"podTemplate.metadata.annotations.linkerd.io/inject"},
        ),
        (
            {"mesh": "istio", **annotated({"sidecar.istio.io/nativeSidecar": "false"})},
            {"podTemplate.metadata.annotations.sidecar.istio.io/nativeSidecar"},
        ),
        ({"mesh": "istio", "port": 15001, "metricsPort": 15090}, {"port", "metricsPort"}),
        ({"mesh": "linkerd", "rollout": {"progressDeadlineSeconds": 74}}, {"rollout.progressDeadlineSeconds"}),
        ({"rollout": {"progressDeadlineSeconds": 74}}, set()),
        (
            {
                "labels": {"sidecar.istio.io/inject": "false"},
                "port": 15001,
                **annotated({"linkerd.io/inject": "disabled"}),
            },
            set(),
        ),
        ({"mesh": "istio", "meshOptions": TRAFFIC_RULES}, set()),
    ],
)
def test_a_contradiction_is_rejected_with_its_key(values: dict[str, Any], keys: set[str]) -> None:
    assert {one.key for one in consistency.conflicts(backend(**values))} == keys
