"""Ingresses and routes: whether a request to one reaches an existing Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.known import entries, get, text
from policy.resource import Resource
from policy.rule import MANDATORY, Rule, Subject
from policy.stack import together


def _ingress(subject: Subject) -> Iterator[str]:
    rules = subject.resource.entries("spec", "rules")
    paths = [path for rule in rules for path in entries(rule, "http", "paths")]
    targets = [get(path, "backend", "service") for path in paths] + [subject.get("spec", "defaultBackend", "service")]
    for target in filter(None, targets):
        yield from _missing(subject, text(target, "name"), get(target, "port", "name") or get(target, "port", "number"))


def _route(subject: Subject) -> Iterator[str]:
    rules = subject.resource.entries("spec", "rules")
    for target in [one for rule in rules for one in entries(rule, "backendRefs")]:
        namespace = text(target, "namespace") or subject.resource.namespace
        if text(target, "kind") in ("", "Service") and namespace == subject.resource.namespace:
            yield from _missing(subject, text(target, "name"), get(target, "port"))


def _missing(subject: Subject, name: str, port: Any) -> Iterator[str]:
    if not subject.stack.shows_all(subject.resource, ("Service",)):  # it may be created elsewhere
        return
    near = [one for one in subject.stack.of("Service") if together(one, subject.resource) is not False]
    names = {one.object_name for one in near}  # raises Unclear if one is unknown
    if name not in names:
        yield (
            f"spec.rules route to the Service {name}, and this stack has none of that name in its namespace (it has: "
            f"{', '.join(sorted(names))}): every request gets an error; name one of these"
        )
        return
    ports = [port_ for one in near if one.object_name == name for port_ in _ports(one)]
    if port is not None and port not in ports:
        yield (
            f"spec.rules route to port {port} of the Service {name}, which does not have it (it has: "
            f"{', '.join(map(str, ports)) or 'none'}): every request gets an error; name one of these"
        )


def _ports(service: Resource) -> Iterator[Any]:
    for port in service.entries("spec", "ports"):
        yield from (value for value in (get(port, "name"), get(port, "port")) if value is not None)


RULES = (
    Rule(
        "ingress-has-service",
        MANDATORY,
        "An Ingress routes to an existing Service.",
        ("Ingress",),
        _ingress,
        across=True,
    ),
    Rule(
        "route-has-service",
        MANDATORY,
        "A route of the Gateway API routes to an existing Service.",
        ("HTTPRoute", "GRPCRoute"),
        _route,
        across=True,
    ),
)
