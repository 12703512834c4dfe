"""Pod template overrides, as users write them."""

from __future__ import annotations

from typing import Any

from tests.support.problems import Values

SMALL = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}


def container(**more: Any) -> Values:
    """Return a container with all required fields."""
    return {"name": "proxy", "image": "example.org/proxy:1", "resources": SMALL, **more}


def sidecar(**more: Any) -> Values:
    """Return a sidecar, which starts before the backend and stops after it."""
    return container(**{"restartPolicy": "Always", **more})


def spec(**more: Any) -> Values:
    """Return settings that override these fields of the pod's spec."""
    return {"podTemplate": {"spec": more}}


def own(**more: Any) -> Values:
    """Return settings that override these fields of the backend's own container."""
    return spec(containers=[{"name": "backend", **more}])


def annotated(annotations: dict[str, str]) -> Values:
    """Return settings that annotate the pod."""
    return {"podTemplate": {"metadata": {"annotations": annotations}}}
