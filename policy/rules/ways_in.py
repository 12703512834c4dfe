"""Ingresses and HTTPRoutes: whether a request that one takes reaches a Service that is there."""

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
        space = text(target, "namespace") or subject.resource.namespace
        if text(target, "kind") in ("", "Service") and space == subject.resource.namespace:
            yield from _missing(subject, text(target, "name"), get(target, "port"))


def _missing(subject: Subject, name: str, port: Any) -> Iterator[str]:
    if not subject.stack.shows(subject.resource, ("Service",)):  # it may be made elsewhere
        return
    near = [one for one in subject.stack.of("Service") if together(one, subject.resource) is not False]
    names = {one.object_name for one in near}  # raises Unclear where one is not known
    if name not in names:
        yield (
            f"spec.rules lead to the Service {name}, and this stack has none of that name in its namespace (there are: "
            f"{', '.join(sorted(names))}): every request is answered with an error; name one of these"
        )
        return
    ports = [known for one in near if one.object_name == name for known in _ports(one)]
    if port is not None and port not in ports:
        yield (
            f"spec.rules lead to port {port} of the Service {name}, which has none such (there are: "
            f"{', '.join(map(str, ports)) or 'none'}): every request is answered with an error; name one of these"
        )


def _ports(service: Resource) -> Iterator[Any]:
    for port in service.entries("spec", "ports"):
        yield from (value for value in (get(port, "name"), get(port, "port")) if value is not None)


RULES = (
    Rule(
        "ingress-has-service",
        MANDATORY,
        "An Ingress leads to a Service that is there.",
        ("Ingress",),
        _ingress,
        across=True,
    ),
    Rule(
        "route-has-service",
        MANDATORY,
        "An HTTPRoute leads to a Service that is there.",
        ("HTTPRoute", "GRPCRoute"),
        _route,
        across=True,
    ),
)
