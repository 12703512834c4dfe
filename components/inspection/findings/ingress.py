"""Findings about the Ingress, which a controller must serve, and the HTTPRoute, which Gateways must accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import tagged
from ...errors import verification as errors
from ...settings import BackendSettings
from ...settings.ingress import Parent, route_api
from ..observation import Observation
from .missing import missing

_SKIP_AWAIT = "pulumi.com/skipAwait"  # set if a controller publishes no address for an Ingress


def expected(backend: BackendSettings) -> tuple[str, ...]:
    """Return the API paths of the Ingress and of the route that the settings describe."""
    kind = backend.route.kind
    paths = {
        "networking.k8s.io/v1/ingresses": backend.ingress.hosts,
        f"{route_api(kind)}/{kind.lower()}s": backend.route.parent_refs,
    }
    return tuple(path for path, value in paths.items() if value)


def findings(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield each Ingress or HTTPRoute that does not lead requests to the backend."""
    if backend.ingress.hosts:
        yield from _ingress(backend, observation.ingress)
    if backend.route.parent_refs:
        yield from _route(backend, observation.route)


def _ingress(backend: BackendSettings, ingress: Any) -> Iterator[str]:
    if ingress is None:
        yield missing("Ingress", backend.name)
    elif not (ingress.status and ingress.status.load_balancer and ingress.status.load_balancer.ingress) and (
        backend.ingress.annotations.get(_SKIP_AWAIT) != "true"
    ):
        yield tagged(
            f"Ingress {backend.name} has no address: no controller serves its class "
            f"({backend.ingress.class_name or 'the default'}), or the controller publishes none: install a controller, "
            "or check its logs",
            errors.INGRESS_WITHOUT_ADDRESS,
        )


def _route(backend: BackendSettings, route: dict[str, Any] | None) -> Iterator[str]:
    if route is None:
        yield missing(backend.route.kind, backend.name)
        return
    parents = (route.get("status") or {}).get("parents") or []
    for reference in backend.route.parent_refs:
        statuses = [one for one in parents if _refers_to(backend, reference, one.get("parentRef") or {})]
        failed = [
            condition
            for status in statuses
            for condition in status.get("conditions") or ()
            if condition.get("type") in ("Accepted", "ResolvedRefs") and condition.get("status") != "True"
        ]
        if not statuses:
            yield tagged(
                f"{backend.route.kind} {backend.name} has no status from Gateway {reference.name}: check that the "
                "Gateway exists and that a controller serves it",
                errors.ROUTE_NOT_ACCEPTED,
            )
        for condition in failed:
            yield tagged(
                f"{backend.route.kind} {backend.name} does not work with Gateway {reference.name}: {condition['type']} "
                f"is {condition.get('status')} ({condition.get('reason')}: {condition.get('message')})",
                errors.ROUTE_NOT_ACCEPTED,
            )


def _refers_to(backend: BackendSettings, reference: Parent, parent: dict[str, Any]) -> bool:
    namespace = reference.namespace or backend.namespace_name
    return (parent.get("name"), parent.get("namespace") or namespace, parent.get("sectionName")) == (
        reference.name,
        namespace,
        reference.section_name,
    )
