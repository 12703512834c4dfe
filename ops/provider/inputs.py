"""What a program of another language has given: numbers that came as floating point, and values that no setting can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import rpc

from components.settings.problems import Problem

_HIDDEN = "is secret, and settings are plain: use generatedSecrets, or a Secret that is managed elsewhere"
_UNKNOWN = (
    "is not known before `up`, and settings are checked before anything is made: give it a value that a preview knows, "
    "such as one of the configuration or of another stack"
)


@dataclass
class Given:
    """``values``: plain, as a stack file would hold them. ``problems``: what cannot be so.

    ``late``: those inputs that may be outputs; ``known``: the values of those that are known already.
    """

    values: dict[str, Any] = field(default_factory=dict)
    late: dict[str, pulumi.Output[Any]] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


async def read(inputs: Mapping[str, Any], prefix: str, late: frozenset[str]) -> Given:
    """Sorts the inputs of a component, as the SDK has read them from the wire; problems are named below ``prefix``."""
    given = Given()
    for name, value in inputs.items():
        if name in late:
            output = given.late[name] = pulumi.Output.from_input(value)
            if await output.is_known() and not isinstance(found := await output.future(with_unknowns=True), Unknown):
                given.known[name] = found
        else:
            given.values[name] = await _settled(value, f"{prefix}.{name}", given.problems)
    return given


class _Unusable:
    """In the place of what no setting can be: no check takes it for one, and so none is told of what it would have met."""


async def _settled(value: Any, key: str, problems: list[Problem]) -> Any:
    secret = rpc.is_rpc_secret(value)
    if isinstance(value, pulumi.Output):
        secret = await value.is_secret()
        value = await value.future(with_unknowns=True) if await value.is_known() else rpc.UNKNOWN
    if isinstance(value, pulumi.Resource):
        return await value.urn.future()
    if secret or isinstance(value, Unknown) or value == rpc.UNKNOWN:
        problems.append(Problem(key, _HIDDEN if secret else _UNKNOWN))
        return _Unusable()
    if isinstance(value, dict):
        return {name: await _settled(inner, f"{key}.{name}", problems) for name, inner in value.items()}
    if isinstance(value, list):
        return [await _settled(inner, f"{key}[{number}]", problems) for number, inner in enumerate(value)]
    # The wire knows only floating point.
    return int(value) if isinstance(value, float) and value.is_integer() else value
