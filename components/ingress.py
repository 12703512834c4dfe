"""The ways in beside the load balancer: an Ingress and an HTTPRoute, both of them in front of the same Service."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    IngressBackendArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    IngressTLSArgs,
    ServiceBackendPortArgs,
)

from .backend_scope import Scope
from .settings.ingress import Retry

GATEWAY_API = "gateway.networking.k8s.io/v1"


def ingress(scope: Scope, service: kubernetes.core.v1.Service) -> kubernetes.networking.v1.Ingress | None:
    """None where no host is named. The engine waits until a controller has given it an address."""
    backend, wanted = scope.settings, scope.settings.ingress
    if not wanted.hosts:
        return None
    # By name, so that it follows the Service's port.
    target = IngressBackendArgs(
        service=IngressServiceBackendArgs(name=backend.name, port=ServiceBackendPortArgs(name="http"))
    )
    paths = HTTPIngressRuleValueArgs(paths=[HTTPIngressPathArgs(path=wanted.path, path_type="Prefix", backend=target)])
    return kubernetes.networking.v1.Ingress(
        f"{scope.prefix}-ingress",
        metadata=scope.meta(annotations=dict(wanted.annotations) or None),
        spec=IngressSpecArgs(
            ingress_class_name=wanted.class_name,
            rules=[IngressRuleArgs(host=host, http=paths) for host in wanted.hosts],
            tls=[IngressTLSArgs(hosts=list(wanted.hosts), secret_name=wanted.tls_secret_name)]
            if wanted.tls_secret_name
            else None,
        ),
        opts=scope.options([service], custom_timeouts=pulumi.CustomTimeouts(create="5m", update="5m")),
    )


def route(scope: Scope, service: kubernetes.core.v1.Service) -> kubernetes.apiextensions.CustomResource | None:
    """None where no Gateway is named. The proof asks whether one has taken it."""
    backend, wanted = scope.settings, scope.settings.route
    if not wanted.parent_refs:
        return None
    rule: dict[str, Any] = {
        "matches": [{"path": {"type": "PathPrefix", "value": wanted.path}}],
        "backendRefs": [{"name": backend.name, "port": backend.service_port}],
    }
    timeouts = {"request": wanted.timeout_seconds, "backendRequest": wanted.backend_timeout_seconds}
    if any(timeouts.values()):
        rule["timeouts"] = {name: f"{seconds}s" for name, seconds in timeouts.items() if seconds is not None}
    if wanted.retry.attempts is not None:
        rule["retry"] = _retry(wanted.retry)
    spec: dict[str, Any] = {
        "parentRefs": [parent.model_dump(by_alias=True, exclude_none=True) for parent in wanted.parent_refs],
        "rules": [rule],
    }
    if wanted.hostnames:
        spec["hostnames"] = list(wanted.hostnames)
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-route",
        api_version=GATEWAY_API,
        kind="HTTPRoute",
        metadata=scope.meta(),
        spec=spec,
        opts=scope.options([service]),
    )


def _retry(wanted: Retry) -> dict[str, Any]:
    # The pattern of a duration has five digits for each unit: 60000ms fits.
    return {
        "attempts": wanted.attempts,
        **({"codes": list(wanted.codes)} if wanted.codes else {}),
        **({"backoff": f"{wanted.backoff_milliseconds}ms"} if wanted.backoff_milliseconds is not None else {}),
    }


def address(scope: Scope) -> str | None:
    """Where the backend is found from outside without a load balancer, if an Ingress says so.

    Of a route nothing is known: its Gateway's listeners decide on port and protocol.
    """
    wanted = scope.settings.ingress
    if not wanted.hosts:
        return None
    return f"{'https' if wanted.tls_secret_name else 'http'}://{wanted.hosts[0]}{wanted.path.rstrip('/')}"
