"""Requests and limits, by which pods are scheduled, scaled and evicted."""

from __future__ import annotations

from collections.abc import Iterator

from policy.resource import SERVING, Container, containers
from policy.rule import ADVISORY, Rule, Subject, clear


def _requests(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_requests_of(container))


def _requests_of(container: Container) -> Iterator[str]:
    # A limit alone sets the request too.
    missing = [
        name
        for name in ("cpu", "memory")
        if all(container.get("resources", side, name) is None for side in ("requests", "limits"))
    ]
    if missing:
        yield (
            f"{container.path}.resources.requests lacks {' and '.join(missing)}: pods are scheduled where there is no "
            "capacity, and are evicted first; set what one pod uses"
        )


def _memory(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_memory_of(container))


def _memory_of(container: Container) -> Iterator[str]:
    if container.get("resources", "limits", "memory") is None:
        yield (
            f"{container.path}.resources.limits lacks memory: one pod that grows takes down other pods on its node; "
            "set the most that it may use"
        )


RULES = (
    Rule("resources-requested", ADVISORY, "Containers request CPU and memory.", SERVING, _requests),
    Rule("resources-bounded", ADVISORY, "Containers have a memory limit.", SERVING, _memory),
)
