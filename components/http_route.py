"""The HTTPRoute: Gateway API routing from a Gateway to the Service."""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes

from .backend_scope import BackendScope
from .settings.ingress import Retry

GATEWAY_API = "gateway.networking.k8s.io/v1"


def http_route(
    scope: BackendScope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """Register the HTTPRoute; return None if the settings name no Gateway.

    Verification checks that a Gateway accepts it.
    """
    backend, settings = scope.settings, scope.settings.route
    if not settings.parent_refs:
        return None
    rule: dict[str, Any] = {
        "matches": [{"path": {"type": "PathPrefix", "value": settings.path}}],
        "backendRefs": [{"name": backend.name, "port": backend.service_port}],
    }
    timeouts = {"request": settings.timeout_seconds, "backendRequest": settings.backend_timeout_seconds}
    if any(timeouts.values()):
        rule["timeouts"] = {name: f"{seconds}s" for name, seconds in timeouts.items() if seconds is not None}
    if settings.retry.attempts is not None:
        rule["retry"] = _retry(settings.retry)
    spec: dict[str, Any] = {
        "parentRefs": [parent.model_dump(by_alias=True, exclude_none=True) for parent in settings.parent_refs],
        "rules": [rule],
    }
    if settings.hostnames:
        spec["hostnames"] = list(settings.hostnames)
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-route",
        api_version=GATEWAY_API,
        kind="HTTPRoute",
        metadata=scope.metadata(),
        spec=spec,
        opts=scope.options([service]),
    )


def _retry(settings: Retry) -> dict[str, Any]:
    # The pattern of a Gateway API duration allows five digits a unit: 60000ms fits.
    return {
        "attempts": settings.attempts,
        **({"codes": list(settings.codes)} if settings.codes else {}),
        **({"backoff": f"{settings.backoff_milliseconds}ms"} if settings.backoff_milliseconds is not None else {}),
    }
