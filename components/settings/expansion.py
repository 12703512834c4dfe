"""References between environment variables: `$(NAME)` in a value stands for the value of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .backend import BackendSettings

# As Kubernetes reads it: $$ is a dollar sign, so $$(NAME) is no reference.
_REFERENCE = re.compile(r"\$\$|\$\(([^()$]+)\)")


def references(value: str) -> list[str]:
    """Return the names that a value refers to."""
    return [match[1] for match in _REFERENCE.finditer(value) if match[1]]


def in_order(backend: BackendSettings) -> list[str]:
    """Return the variables that refer to others and those that they refer to, each after what it refers to.

    Kubernetes expands references among the variables of ``env``, never to those of a ConfigMap or a Secret. Names that
    are no variable of the backend stay as they are, as in Kubernetes.
    """
    known = {**backend.environment, **dict.fromkeys(backend.generated_secrets.names, "")}
    ordered: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path or name not in known:
            return
        for other in references(known[name]):
            yield from visit(other, (*path, name))
        yield name

    for name, value in backend.environment.items():
        if any(other in known for other in references(value)):
            ordered.update(dict.fromkeys(visit(name, ())))
    return list(ordered)
