"""Inputs of a program in another language: integers arrive as floating point, and some values cannot be settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import rpc

from components.errors import clusters as errors
from components.errors import tagged
from components.settings.problems import Problem

_SECRET = tagged(
    "is secret, and settings are plain: use generatedSecrets, or a Secret that you manage elsewhere",
    errors.SECRET_INPUT,
)
_UNKNOWN = tagged(
    "is not known before `up`, and settings are validated before anything is created: use a value that a preview "
    "knows, such as one from the configuration or from another stack",
    errors.UNKNOWN_INPUT,
)


@dataclass
class Inputs:
    """The inputs of a component: ``values`` are plain, as in a stack file, and ``problems`` lists those that cannot be.

    ``deferred`` holds the inputs that may be outputs, and ``known`` the values of those that are known already.
    """

    values: dict[str, Any] = field(default_factory=dict)
    deferred: dict[str, pulumi.Output[Any]] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


async def read(inputs: Mapping[str, Any], prefix: str, deferred: frozenset[str]) -> Inputs:
    """Sort the inputs of a component, as the SDK has deserialized them. ``prefix`` starts the key of each problem."""
    result = Inputs()
    for name, value in inputs.items():
        if name in deferred:
            output = result.deferred[name] = pulumi.Output.from_input(value)
            if await output.is_known() and not isinstance(plain := await output.future(with_unknowns=True), Unknown):
                result.known[name] = plain
        else:
            result.values[name] = await _plain(value, f"{prefix}.{name}", result.problems)
    return result


class _Invalid:
    """Stands in for a value that cannot be a setting, so that no further check reports it."""


async def _plain(value: Any, key: str, problems: list[Problem]) -> Any:
    secret = rpc.is_rpc_secret(value)
    if isinstance(value, pulumi.Output):
        secret = await value.is_secret()
        value = await value.future(with_unknowns=True) if await value.is_known() else rpc.UNKNOWN
    if isinstance(value, pulumi.Resource):
        return await value.urn.future()
    if secret or isinstance(value, Unknown) or value == rpc.UNKNOWN:
        problems.append(Problem(key, _SECRET if secret else _UNKNOWN))
        return _Invalid()
    if isinstance(value, dict):
        return {name: await _plain(inner, f"{key}.{name}", problems) for name, inner in value.items()}
    if isinstance(value, list):
        return [await _plain(inner, f"{key}[{number}]", problems) for number, inner in enumerate(value)]
    # The protocol has no integers.
    return int(value) if isinstance(value, float) and value.is_integer() else value
