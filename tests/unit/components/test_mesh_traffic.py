"""The traffic rules that a mesh reads: retries and outlier detection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_engine import Monitor
from tests.support.meshes import MESHES, TRAFFIC_RULES, WAYPOINT


@pytest.mark.parametrize(("mesh", "more"), [("istio", {}), ("istio-ambient", {"waypoint": WAYPOINT})])
def test_istio_retries_and_ejects_outliers(monitor: Monitor, mesh: str, more: dict[str, Any]) -> None:
    monitor.make(mesh=mesh, meshOptions={**TRAFFIC_RULES, **more}, servicePort=8000)
    name = "backend-service"
    assert monitor.inputs("networking.istio.io/v1:VirtualService")["spec"] == {
        "hosts": [name],
        "http": [
            {
                "route": [{"destination": {"host": name, "port": {"number": 8000}}}],
                "retries": {"attempts": 2, "retryOn": "connect-failure,refused-stream,reset,502,503,504"},
            }
        ],
    }
    assert monitor.inputs("networking.istio.io/v1:DestinationRule")["spec"] == {
        "host": name,
        "trafficPolicy": {
            "outlierDetection": {
                "consecutiveGatewayErrors": 3,
                "consecutive5xxErrors": 0,
                "interval": "1s",
                "baseEjectionTime": "10s",
                "maxEjectionPercent": 50,
            }
        },
    }
    labels = monitor.inputs("core/v1:Service")["metadata"]["labels"]
    assert (labels.get("istio.io/use-waypoint"), labels.get("istio.io/use-waypoint-namespace")) == (
        ("way", "waypoints") if more else (None, None)
    )


@pytest.mark.parametrize(("seconds", "longest"), [(10, "60s"), (45, "90s")])
def test_linkerd_reads_its_rules_from_the_service(monitor: Monitor, seconds: int, longest: str) -> None:
    monitor.make(
        mesh="linkerd",
        meshOptions={"retryAttempts": 2, "outlierDetection": {"consecutiveFailures": 3, "ejectionSeconds": seconds}},
    )
    assert not monitor.all("networking.istio.io/v1:VirtualService") + monitor.all(
        "networking.istio.io/v1:DestinationRule"
    )
    key = "balancer.linkerd.io/failure-accrual"
    assert monitor.inputs("core/v1:Service")["metadata"]["annotations"] == {
        "retry.linkerd.io/http": "gateway-error",
        "retry.linkerd.io/limit": "2",
        key: "consecutive",
        f"{key}-consecutive-max-failures": "3",
        f"{key}-consecutive-min-penalty": f"{seconds}s",
        f"{key}-consecutive-max-penalty": longest,
    }


@pytest.mark.parametrize("mesh", MESHES)
def test_nothing_is_retried_by_default(monitor: Monitor, mesh: str) -> None:
    monitor.make(mesh=mesh)
    assert not [one for one in monitor.requests if "istio.io" in one.type]
    assert "annotations" not in monitor.inputs("core/v1:Service")["metadata"]
