"""What another stack says of the cluster that it owns: the outputs that every stack on it uses, each looked at before it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..inspection.kubeconfig import parsed
from ..settings import StackReferenceCluster
from . import existing
from .problems import PreflightError

KUBECONFIG, IDENTIFIER, ZONES = "kubeconfig", "identifier", "zones"
_RIGHT = {
    KUBECONFIG: "a kubeconfig, as text or as an object",
    IDENTIFIER: "a text that is not empty",
    ZONES: "a list of texts, each the name of a zone",
}


@dataclass(frozen=True)
class Outputs:
    """The outputs of a stack, secret ones in plain. They are shown nowhere."""

    values: Mapping[str, Any] = field(repr=False)


class Unreadable(Exception):  # noqa: N818 (it is the stack that cannot be read)
    """The outputs of a stack cannot be had; the text says what the engine said."""


@dataclass(frozen=True)
class Said:
    """What the outputs say: a kubeconfig of one context (a secret), its context, the cluster's identifier and its zones."""

    access: str = field(repr=False)
    context: str
    identifier: str
    zones: tuple[str, ...]


def said(cluster: StackReferenceCluster, read: Callable[[str], Outputs], key: str) -> Said:
    """Raises PreflightError where there is no such stack, it says nothing, or something else than what is needed."""
    stack = cluster.stack
    try:
        values = read(stack).values
    except Unreadable as error:
        raise PreflightError(
            f"{key}.stack: {stack!r} cannot be read ({error}): name the stack that owns the cluster, in full "
            "(organization/project/stack). `pulumi stack ls --all` shows those of the state that is in use, and `pulumi whoami "
            "--verbose` which one that is; both stacks must be in it"
        ) from None
    if not values:
        raise PreflightError(
            f"{key}.stack: {stack!r} has no outputs: it was never deployed, or destroyed since, or exports "
            f"nothing: deploy it first (pulumi up --stack {stack}, in its own folder)"
        )
    problems = list(_problems(values))
    access, context = "", ""
    if not any(name == KUBECONFIG for name, _ in problems):
        try:
            access, context = existing.current(_parsed(values[KUBECONFIG]))
        except ValueError as error:
            problems.append((KUBECONFIG, str(error)))
    if problems:
        told = [f"output {name!r} {text}" for name, text in problems]
        raise PreflightError(
            f"{key}.stack: {stack!r} does not say what a stack on its cluster needs: {'; '.join(told)}. "
            f"Its outputs are {', '.join(sorted(values))} (pulumi stack output --stack {stack})"
        )
    return Said(access, context, values[IDENTIFIER], tuple(values.get(ZONES) or ()))


def _problems(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The outputs that are missing or of another form. A kubeconfig is never shown, and nothing else is that might hold one."""
    for name in (KUBECONFIG, IDENTIFIER):
        if values.get(name) is None:
            yield name, f"is missing, and right would be {_RIGHT[name]}"
    for name, right in _RIGHT.items():
        value = values.get(name)
        if value is not None and not _is_right(name, value):
            yield name, f"is {_kind(value)}, and right would be {right}"


def _is_right(name: str, value: Any) -> bool:
    if name == ZONES:
        return isinstance(value, list) and all(isinstance(zone, str) and zone for zone in value)
    return bool(value) and isinstance(value, (str, Mapping) if name == KUBECONFIG else str)


def _kind(value: Any) -> str:
    if value == {}:  # what the engine gives for it
        return "an empty object, as where that stack encrypts its secrets with another passphrase or key than is in use here"
    if value == "":
        return "an empty text"
    if isinstance(value, list) and value:
        return (
            f"a list that holds {_kind(next((one for one in value if not isinstance(one, str) or not one), value[0]))}"
        )
    kinds = {str: "a text", list: "an empty list", bool: "true or false", dict: "an object"}
    return kinds.get(type(value), "a number")


def _parsed(kubeconfig: str | Mapping[str, Any]) -> Any:
    """Some stacks export it as an object. Raises ValueError where it is none."""
    try:
        return parsed(kubeconfig) if isinstance(kubeconfig, str) else json.loads(json.dumps(kubeconfig))
    except yaml.YAMLError:
        raise ValueError("is not a kubeconfig") from None
