"""A rule: a name, a level, a sentence, and a function from one resource to messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from policy.known import Unclear
from policy.resource import Resource, labels, pod, template_path
from policy.stack import Stack


class Level(StrEnum):
    """What a violation does. Mandatory rules prevent outages and security holes; the others give advice."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


MANDATORY, ADVISORY = Level.MANDATORY, Level.ADVISORY


@dataclass(frozen=True)
class Parameter:
    """A value of a rule that a stack's configuration may change."""

    description: str
    default: Any
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """The resource to judge, the rule's parameters, and the whole stack if the rule needs it."""

    resource: Resource
    parameters: Mapping[str, Any]
    stack: Stack

    def get(self, *path: str) -> Any:
        """Return the value at a path of the resource. Raises Unclear."""
        return self.resource.get(*path)

    @property
    def pod(self) -> Any:
        """The spec of its pods. Raises Unclear."""
        return pod(self.resource)

    @property
    def path(self) -> str:
        """The path of that spec, for messages."""
        return template_path(self.resource)

    @property
    def labels(self) -> Mapping[str, Any]:
        """The labels of its pods. Raises Unclear."""
        return labels(self.resource)


Check = Callable[[Subject], Iterator[str]]


@dataclass(frozen=True)
class Patch:
    """A change of one value of a resource."""

    path: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True)
class Rule:
    """Judges resources of some kinds. ``check`` yields one message for each violation."""

    name: str
    level: Level
    description: str
    kinds: tuple[str, ...]  # empty: all
    check: Check
    across: bool = False  # needs the other resources of the stack
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    remedy: Callable[[Resource], Iterator[Patch]] | None = None  # used only if a stack configures "remediate"

    def applies(self, resource: Resource) -> bool:
        """Return whether the rule judges this resource."""
        return bool(resource.kind) and resource.managed and (not self.kinds or resource.kind in self.kinds)

    def judge(self, resource: Resource, config: Mapping[str, Any], stack: Stack) -> list[str]:
        """Return the messages about one resource. Checks that need an unknown value give none."""
        if not self.applies(resource) or resource.name in config.get("exceptions", {}):
            return []
        values = {**{key: parameter.default for key, parameter in self.parameters.items()}, **config}
        return list(clear(self.check(Subject(resource, values, stack))))

    def remedies(self, resource: Resource, config: Mapping[str, Any]) -> list[Patch]:
        """Return the changes that fix one resource."""
        if self.remedy is None or not self.applies(resource) or resource.name in config.get("exceptions", {}):
            return []
        return list(clear(self.remedy(resource)))


_Item = TypeVar("_Item")


def clear(items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield items until a value is needed that is unknown."""
    try:
        yield from items
    except Unclear:
        return
