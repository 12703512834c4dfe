"""The HTTPRoute, or another kind of route of the Gateway API, from a Gateway to the Service."""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes

from .backend_scope import BackendScope
from .settings.ingress import Retry, route_api


def http_route(
    scope: BackendScope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """Register the route; return None if the settings name no Gateway.

    Verification checks that a Gateway accepts it.
    """
    settings = scope.settings.route
    if not settings.parent_refs:
        return None
    spec: dict[str, Any] = {
        "parentRefs": [parent.model_dump(by_alias=True, exclude_none=True) for parent in settings.parent_refs],
        "rules": _rules(scope),
    }
    if settings.hostnames:
        spec["hostnames"] = list(settings.hostnames)
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-route",
        api_version=route_api(settings.kind),
        kind=settings.kind,
        metadata=scope.metadata(),
        spec=spec,
        opts=scope.options([service]),
    )


def _rules(scope: BackendScope) -> list[dict[str, Any]]:
    backend, settings = scope.settings, scope.settings.route
    target = {"backendRefs": [{"name": backend.name, "port": backend.service_port}]}
    if settings.rules or settings.kind != "HTTPRoute":
        return [{**target, **rule} for rule in settings.rules or [{}]]
    rule: dict[str, Any] = {"matches": [{"path": {"type": "PathPrefix", "value": settings.path}}], **target}
    timeouts = {"request": settings.timeout_seconds, "backendRequest": settings.backend_timeout_seconds}
    if any(timeouts.values()):
        rule["timeouts"] = {name: f"{seconds}s" for name, seconds in timeouts.items() if seconds is not None}
    if settings.retry.attempts is not None:
        rule["retry"] = _retry(settings.retry)
    return [rule]


def _retry(settings: Retry) -> dict[str, Any]:
    # The pattern of a Gateway API duration allows five digits a unit: 60000ms fits.
    return {
        "attempts": settings.attempts,
        **({"codes": list(settings.codes)} if settings.codes else {}),
        **({"backoff": f"{settings.backoff_milliseconds}ms"} if settings.backoff_milliseconds is not None else {}),
    }
