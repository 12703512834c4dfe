"""Settings of a backend in a service mesh."""

from __future__ import annotations

from typing import Any

MESHES = ("istio", "istio-ambient", "linkerd")
WAYPOINT = {"name": "way", "namespace": "waypoints"}
TRAFFIC_RULES: dict[str, Any] = {"retryAttempts": 2, "outlierDetection": {"consecutiveFailures": 3}}
