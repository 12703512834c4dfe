"""Settings of a backend that starts, rolls out and terminates within seconds."""

from __future__ import annotations

from typing import Any

QUICK: dict[str, Any] = {
    "image": "ghcr.io/stefanprodan/podinfo:6.9.1",
    "autoscaling": {"enabled": False},
    "health": {"startupSeconds": 5},
    "rollout": {"minReadySeconds": 1, "progressDeadlineSeconds": 30},
    "shutdown": {"deregistrationSeconds": 5, "drainSeconds": 1},
    "loadBalancer": {"healthCheckSeconds": 2},
}
