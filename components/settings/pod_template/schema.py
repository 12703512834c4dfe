"""Checks what is written in Kubernetes' own words against the models of the official client, which are made from its API."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from .. import problems

Path = tuple[str | int, ...]

_WORDS = {
    "str": "a text, in quotes",
    "int": "a whole number",
    "bool": "true or false",
    "float": "a number",
    "datetime": "a time, in quotes",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "datetime": (str,),
}
_AMOUNTS = ("requests", "limits", "sizeLimit", "divisor")  # quantities, which Kubernetes also takes as numbers
_FEW = 12


def pod_template(value: dict[str, Any]) -> dict[str, Any]:
    """The same, without what is null, and with quantities as texts. Raises ValidationError with every problem at once."""
    found: list[tuple[Path, Any, str]] = []
    checked = _checked(value, "V1PodTemplateSpec", (), found)
    if found:
        raise ValidationError.from_exception_data(
            "podTemplate",
            [
                InitErrorDetails(
                    type=PydanticCustomError(problems.WORDED, "{text}", {"text": text}), loc=path, input=given
                )
                for path, given, text in found
            ],
        )
    return dict(checked)


def fields(kind: str) -> dict[str, str]:
    """The fields of one of Kubernetes' types and their types, by the names they have in a manifest, e.g. of V1PodSpec."""
    model = _model(kind)
    return {model.attribute_map[name]: type_ for name, type_ in model.openapi_types.items()}


def _checked(value: Any, kind: str, path: Path, found: list[tuple[Path, Any, str]]) -> Any:
    def wrong(right: str) -> Any:
        found.append((path, value, f"{problems.shown(value)} is wrong; right would be {right}"))
        return value

    if listed := re.fullmatch(r"List\[(.+)\]", kind):
        if not isinstance(value, list):
            return wrong("a list")
        return [_checked(entry, listed[1], (*path, number), found) for number, entry in enumerate(value)]
    if keyed := re.fullmatch(r"Dict\[str, (.+)\]", kind):
        if not isinstance(value, dict):
            return wrong("a group of keys")
        inner = {key: str(each) if path[-1] in _AMOUNTS and _number(each) else each for key, each in value.items()}
        return {key: _checked(each, keyed[1], (*path, key), found) for key, each in inner.items()}
    if kind in _TYPES:
        if kind == "str" and path[-1] in _AMOUNTS and _number(value):
            return str(value)
        right = isinstance(value, _TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))
        return value if right else wrong(_WORDS[kind])
    if kind == "object":  # a port, by its name or its number, or what nobody has described
        return value
    return _group(value, kind, path, found) if isinstance(value, dict) else wrong("a group of keys")


def _group(value: dict[str, Any], kind: str, path: Path, found: list[tuple[Path, Any, str]]) -> dict[str, Any]:
    known, checked = fields(kind), {}
    for key, each in value.items():
        if key not in known:
            found.append(((*path, key), each, _unknown(key, list(known))))
        elif each is not None:
            checked[key] = _checked(each, known[key], (*path, key), found)
    for key in _required(kind):
        if value.get(key) is None:
            found.append(((*path, key), None, f"missing. {_first(kind, key)}".strip()))
    return checked


def _required(kind: str) -> Iterator[str]:
    model = _model(kind)
    for name, field in model.model_fields.items():
        key = field.serialization_alias or name
        if field.is_required() and (kind, key) != ("V1PodSpec", "containers"):  # there is one already
            yield key


def _first(kind: str, key: str) -> str:
    """The first sentence that Kubernetes says of a field."""
    model = _model(kind)
    said = next(
        (
            field.description or ""
            for name, field in model.model_fields.items()
            if (field.serialization_alias or name) == key
        ),
        "",
    )
    return re.split(r"(?<=[.]) (?=[A-Z])", said)[0]


def _unknown(key: str, known: list[str]) -> str:
    near = problems.closest(key, known)
    told = f"; known here: {', '.join(known)}" if len(known) <= _FEW else ""
    return f"unknown key{near}{told or ('' if near else '; right would be a field that Kubernetes has there')}"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@functools.cache
def _model(kind: str) -> type[_Described]:
    # Imported here: half a second that only stacks which add something should pay.
    from kubernetes.client import models

    model: type[_Described] = getattr(models, kind)
    return model


class _Described(BaseModel):
    """What every model of the official client has: the names of its fields in a manifest, and their types."""

    attribute_map: ClassVar[dict[str, str]]
    openapi_types: ClassVar[dict[str, str]]
