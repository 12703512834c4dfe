"""Fixes that make drawn settings consistent with each other, mostly."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SELDOM = st.sampled_from([False] * 9 + [True])


def make_retries_consistent(draw: st.DrawFn, route: dict[str, Any], drain: int) -> None:
    """Make a route's retries consistent, and shorter than a pod's termination, mostly."""
    if route.get("retry") and not draw(SELDOM):
        route["retry"].setdefault("attempts", 2)
    most = min(route.get("timeoutSeconds") or drain, drain)
    if (route.get("backendTimeoutSeconds") or 0) > most and not draw(SELDOM):
        route["backendTimeoutSeconds"] = draw(st.integers(1, most))


def fit_mesh(draw: st.DrawFn, backend: dict[str, Any], supported: bool) -> None:
    """Omit settings of other meshes, mostly."""
    if not supported:
        backend.pop("mesh", None)
        backend.pop("meshOptions", None)
    options = backend.get("meshOptions")
    if not options or draw(SELDOM):
        return
    mesh = backend["mesh"] = draw(st.sampled_from(["istio", "istio-ambient", "linkerd"]))
    for key, only in (("revision", ["istio"]), ("waypoint", ["istio-ambient"]), ("proxy", ["istio", "linkerd"])):
        if mesh not in only:
            options.pop(key, None)
    if options.get("outlierDetection"):
        options["outlierDetection"].setdefault("consecutiveFailures", 3)
    if mesh == "istio-ambient" and ("retryAttempts" in options or "outlierDetection" in options):
        options.setdefault("waypoint", {"name": "w", "namespace": "waypoints"})
