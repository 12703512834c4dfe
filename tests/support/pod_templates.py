"""Additions to the pod, as users write them."""

from __future__ import annotations

from typing import Any

from tests.support.problems import Given

SMALL = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}


def container(**more: Any) -> Given:
    """A container with all that must be said."""
    return {"name": "proxy", "image": "example.org/proxy:1", "resources": SMALL, **more}


def sidecar(**more: Any) -> Given:
    """One that starts before the backend and ends after it."""
    return container(**{"restartPolicy": "Always", **more})


def spec(**more: Any) -> Given:
    """Settings that add this to the pod's spec."""
    return {"podTemplate": {"spec": more}}


def own(**more: Any) -> Given:
    """Settings that add this to the backend's own container."""
    return spec(containers=[{"name": "backend", **more}])


def annotated(annotations: dict[str, str]) -> Given:
    """Settings that annotate the pod."""
    return {"podTemplate": {"metadata": {"annotations": annotations}}}
