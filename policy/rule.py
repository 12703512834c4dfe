"""What a rule is: a name, a level, a sentence, and a function from one resource to messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from policy.known import Unclear
from policy.resource import Resource, labels, pod, template_path
from policy.stack import Stack


class Level(StrEnum):
    """What a violation does. Mandatory is what is an outage sooner or later, or a hole; the rest is advice."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


MANDATORY, ADVISORY = Level.MANDATORY, Level.ADVISORY


@dataclass(frozen=True)
class Parameter:
    """A value of a rule that a stack's configuration may change."""

    what: str
    default: Any
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """The resource that is judged, the parameters, and the stack around it where the rule asks for that."""

    resource: Resource
    given: Mapping[str, Any]
    stack: Stack

    def get(self, *path: str) -> Any:
        """What is at a path of the resource; raises Unclear."""
        return self.resource.get(*path)

    @property
    def pod(self) -> Any:
        """The spec of its pods."""
        return pod(self.resource)

    @property
    def path(self) -> str:
        """Where that is, for messages."""
        return template_path(self.resource)

    @property
    def labels(self) -> Mapping[str, Any]:
        """The labels of its pods."""
        return labels(self.resource)


Check = Callable[[Subject], Iterator[str]]


@dataclass(frozen=True)
class Patch:
    """One value of a resource that is to be another."""

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True)
class Rule:
    """Judges resources of some kinds. The function yields one message for each thing that is wrong."""

    name: str
    level: Level
    what: str
    kinds: tuple[str, ...]  # empty: all
    check: Check
    across: bool = False  # needs the other resources of the stack
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    remedy: Callable[[Resource], Iterator[Patch]] | None = (
        None  # used only where a stack's configuration says "remediate"
    )

    def applies(self, resource: Resource) -> bool:
        """Whether it judges this resource at all."""
        return bool(resource.kind) and resource.managed and (not self.kinds or resource.kind in self.kinds)

    def judge(self, resource: Resource, given: Mapping[str, Any], stack: Stack) -> list[str]:
        """The messages about one resource; what rests on a value that is not known yet is left out."""
        if not self.applies(resource) or resource.name in given.get("exceptions", {}):
            return []
        values = {**{key: parameter.default for key, parameter in self.parameters.items()}, **given}
        return list(clear(self.check(Subject(resource, values, stack))))

    def remedies(self, resource: Resource, given: Mapping[str, Any]) -> list[Patch]:
        """What would put one resource right."""
        if self.remedy is None or not self.applies(resource) or resource.name in given.get("exceptions", {}):
            return []
        return list(clear(self.remedy(resource)))


_Found = TypeVar("_Found")


def clear(found: Iterator[_Found]) -> Iterator[_Found]:
    """What is found before a value is needed that is not known."""
    try:
        yield from found
    except Unclear:
        return
