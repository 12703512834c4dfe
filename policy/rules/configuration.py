"""ConfigMaps and Secrets that pods read: whether a change of one can take the pods down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.known import Unclear, get, listed, text
from policy.resource import SERVING, Resource, containers, pod
from policy.rule import MANDATORY, Rule, Subject, clear
from policy.stack import together

_KINDS = ("ConfigMap", "Secret")
_AUTONAMED = "pulumi.com/autonamed"  # the provider's annotation for a generated name
# The suffix of a name that is derived from the content, so new content gets a new name.
_HASHED = re.compile(r"-(?=[a-z]*[0-9])[a-z0-9]{6,}$")


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
                f"metadata.name is {own.object_name}, which the {workload.kind} {workload.name} reads, and a change of "
                f"the content replaces it: it is deleted first, and pods that start meanwhile fail, or the "
                f"{workload.kind} is "
                "replaced too; omit the name, so that new content gets a new one"
            )
            return


def _in_place(own: Resource) -> bool:
    """Return whether the provider updates content in place. Raises Unclear if that is unknown."""
    if own.provider is None:
        raise Unclear
    return str(get(own.provider, f"enable{own.kind}Mutable")).lower() == "true"


def _read(workload: Resource, kind: str) -> Iterator[str]:
    """Yield the names of the ConfigMaps or Secrets that pods read, as far as they are known."""
    reference, volume_key = ("configMap", "name") if kind == "ConfigMap" else ("secret", "secretName")
    for container in containers(workload, init=True):
        for one in clear(_entries(container.spec, "envFrom")):
            yield from clear(_named(one, f"{reference}Ref", "name"))
        for one in clear(_entries(container.spec, "env")):
            yield from clear(_named(one, "valueFrom", f"{reference}KeyRef", "name"))
    for volume in clear(_entries(pod(workload), "volumes")):
        yield from clear(_named(volume, reference, volume_key))
        for part in clear(_entries(volume, "projected", "sources")):
            yield from clear(_named(part, reference, "name"))


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
