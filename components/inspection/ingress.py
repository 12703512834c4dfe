"""Whether the ways in beside the load balancer are open: an Ingress that somebody serves, a route that a Gateway has taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..settings import BackendSettings
from ..settings.ingress import Parent
from .observation import Observation

_AWAITED = "pulumi.com/skipAwait"  # what the engine is told where a controller gives an Ingress no address


def asked(backend: BackendSettings) -> tuple[str, ...]:
    """Which of them the settings want."""
    return tuple(
        name for name, wanted in (("ingress", backend.ingress.hosts), ("route", backend.route.parent_refs)) if wanted
    )


def findings(backend: BackendSettings, seen: Observation) -> Iterator[str]:
    """Each that is not open, in one line."""
    if backend.ingress.hosts:
        yield from _ingress(backend, seen.ingress)
    if backend.route.parent_refs:
        yield from _route(backend, seen.route)


def _ingress(backend: BackendSettings, found: Any) -> Iterator[str]:
    if found is None:
        yield f"Ingress {backend.name} is not there: a refresh puts it right (make up ARGS=--refresh, or pulumi up --refresh)"
    elif not (found.status and found.status.load_balancer and found.status.load_balancer.ingress) and (
        backend.ingress.annotations.get(_AWAITED) != "true"
    ):
        yield (
            f"Ingress {backend.name} has no address: no controller serves its class "
            f"({backend.ingress.class_name or 'the default'}), or the one that does gives none"
        )


def _route(backend: BackendSettings, found: dict[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield f"HTTPRoute {backend.name} is not there: a refresh puts it right (make up ARGS=--refresh, or pulumi up --refresh)"
        return
    told = (found.get("status") or {}).get("parents") or []
    for parent in backend.route.parent_refs:
        answers = [one for one in told if _same(backend, parent, one.get("parentRef") or {})]
        bad = [
            condition
            for one in answers
            for condition in one.get("conditions") or ()
            if condition.get("type") in ("Accepted", "ResolvedRefs") and condition.get("status") != "True"
        ]
        if not answers:
            yield (
                f"HTTPRoute {backend.name} was not taken by Gateway {parent.name}: there is none of that name, or nobody "
                "serves it"
            )
        for condition in bad:
            yield (
                f"HTTPRoute {backend.name} is not led to by Gateway {parent.name}: {condition['type']} is "
                f"{condition.get('status')} ({condition.get('reason')}: {condition.get('message')})"
            )


def _same(backend: BackendSettings, parent: Parent, told: dict[str, Any]) -> bool:
    space = parent.namespace or backend.namespace_name
    return (told.get("name"), told.get("namespace") or space, told.get("sectionName")) == (
        parent.name,
        space,
        parent.section_name,
    )
