"""Configuration that pods read: whether a change of it can take the pods with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.known import Unclear, get, listed, text
from policy.resource import SERVING, Resource, containers, pod
from policy.rule import MANDATORY, Rule, Subject, clear
from policy.stack import together

_KINDS = ("ConfigMap", "Secret")
_AUTONAMED = "pulumi.com/autonamed"  # the provider's mark on a name that it made up
_HASHED = re.compile(
    r"-(?=[a-z]*[0-9])[a-z0-9]{6,}$"
)  # ends a name that its content makes, so that new content has a new one


def _fixed_name(subject: Subject) -> Iterator[str]:
    own = subject.resource
    if (
        not own.object_name
        or own.get("metadata", "annotations", _AUTONAMED) == "true"
        or _HASHED.search(own.object_name)
    ):
        return
    if own.get("immutable") is not True and _in_place(own):
        return
    for workload in subject.stack.of(*SERVING):
        if together(workload, own) and own.object_name in set(_read(workload, own.kind)):
            yield (
                f"metadata.name is {own.object_name}, which the {workload.kind} {workload.name} reads, and a change of the "
                f"content replaces it: it is deleted first, and pods that start meanwhile fail, or the {workload.kind} goes "
                "with it; leave the name out, so that new content has a new name"
            )
            return


def _in_place(own: Resource) -> bool:
    """Whether the provider changes content in place. Raises Unclear where that is open."""
    if own.provider is None:
        raise Unclear
    return str(get(own.provider, f"enable{own.kind}Mutable")).lower() == "true"


def _read(workload: Resource, kind: str) -> Iterator[str]:
    """The names of the ConfigMaps or Secrets that pods read, as far as they are known."""
    small, source = ("configMap", "name") if kind == "ConfigMap" else ("secret", "secretName")
    for container in containers(workload, also_before=True):
        for one in clear(_entries(container.spec, "envFrom")):
            yield from clear(_named(one, f"{small}Ref", "name"))
        for one in clear(_entries(container.spec, "env")):
            yield from clear(_named(one, "valueFrom", f"{small}KeyRef", "name"))
    for volume in clear(_entries(pod(workload), "volumes")):
        yield from clear(_named(volume, small, source))
        for part in clear(_entries(volume, "projected", "sources")):
            yield from clear(_named(part, small, "name"))


def _entries(value: Any, *path: str) -> Iterator[Any]:
    yield from listed(value, *path)


def _named(value: Any, *path: str) -> Iterator[str]:
    if name := text(value, *path):
        yield name


RULES = (
    Rule(
        "configuration-new-name",
        MANDATORY,
        "Configuration that is replaced when it changes has no fixed name.",
        _KINDS,
        _fixed_name,
        across=True,
    ),
)
