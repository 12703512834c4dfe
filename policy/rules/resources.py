"""What pods ask for and may use: by this they are placed, scaled, and evicted."""

from __future__ import annotations

from collections.abc import Iterator

from policy.resource import SERVING, Container, containers
from policy.rule import ADVISORY, Rule, Subject, clear


def _requests(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_requests_of(container))


def _requests_of(container: Container) -> Iterator[str]:
    # A limit alone is the request as well.
    missing = [
        name
        for name in ("cpu", "memory")
        if all(container.get("resources", side, name) is None for side in ("requests", "limits"))
    ]
    if missing:
        yield (
            f"{container.path}.resources.requests lacks {' and '.join(missing)}: pods are put where there is no room, and "
            "are the first to be evicted; set what one pod uses"
        )


def _memory(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_memory_of(container))


def _memory_of(container: Container) -> Iterator[str]:
    if container.get("resources", "limits", "memory") is None:
        yield (
            f"{container.path}.resources.limits lacks memory: one pod that grows takes its neighbours down; set the most "
            "that it may use"
        )


RULES = (
    Rule("resources-requested", ADVISORY, "Containers say how much CPU and memory they use.", SERVING, _requests),
    Rule("resources-bounded", ADVISORY, "Containers may not take all memory of their node.", SERVING, _memory),
)
