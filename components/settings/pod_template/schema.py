"""Validates pod template overrides against the models of the official client, which are generated from the API."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from ...errors import ErrorKind
from ...errors import settings as errors
from ..problems import alternatives, shown, suggestion
from ..validation_errors import WORDED, first_sentence

Path = tuple[str | int, ...]
_Errors = list[tuple[Path, Any, str, ErrorKind]]

_WORDS = {
    "str": "a string in quotes",
    "int": "an integer",
    "bool": "true or false",
    "float": "a number",
    "datetime": "a timestamp in quotes",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "datetime": (str,),
}
_QUANTITIES = ("requests", "limits", "sizeLimit", "divisor")  # Kubernetes also accepts numbers for these
_MAX_LISTED_KEYS = 12
# Required fields that the component generates.
_GENERATED = {
    "V1PodSpec": ("containers",),
    "V1Deployment": ("spec",),
    "V1DeploymentSpec": ("selector", "template"),
    "V2HorizontalPodAutoscaler": ("spec",),
    "V2HorizontalPodAutoscalerSpec": ("maxReplicas", "scaleTargetRef"),
}


def checked(value: dict[str, Any], type_name: str, nulls: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of an object of a Kubernetes type, such as V1Service, with every quantity as a string.

    Null means "not set", so a null field is omitted. It stays where ``nulls`` names the path, with ``*`` for each
    entry of a list: there it removes a field that the component generates. Raise pydantic's ValidationError with every
    problem at once.
    """
    problems: _Errors = []
    result = _Check(frozenset(nulls), problems).value(value, type_name, ())
    if problems:
        raise ValidationError.from_exception_data(
            type_name,
            [
                InitErrorDetails(
                    type=PydanticCustomError(WORDED, "{text}", {"text": text, "kind": kind}), loc=path, input=invalid
                )
                for path, invalid, text, kind in problems
            ],
        )
    return dict(result)


def fields(type_name: str) -> dict[str, str]:
    """Return the types of the fields of a Kubernetes type, such as V1PodSpec, by their names in a manifest."""
    model = _model(type_name)
    return {model.attribute_map[name]: type_ for name, type_ in model.openapi_types.items()}


@dataclass(frozen=True)
class _Check:
    """A check of a value, which collects its problems."""

    nulls: frozenset[str]
    problems: _Errors

    def value(self, value: Any, type_name: str, path: Path) -> Any:
        """Return the value as Kubernetes takes it."""

        def reject(requirement: str) -> Any:
            text = f"{shown(value)} is invalid: must be {requirement}"
            self.problems.append((path, value, text, errors.WRONG_TYPE))
            return value

        if items := re.fullmatch(r"List\[(.+)\]", type_name):
            if not isinstance(value, list):
                return reject("a list")
            return [self.value(entry, items[1], (*path, number)) for number, entry in enumerate(value)]
        if values := re.fullmatch(r"Dict\[str, (.+)\]", type_name):
            if not isinstance(value, dict):
                return reject("an object")
            inner = {
                key: str(each) if path[-1] in _QUANTITIES and _is_number(each) else each for key, each in value.items()
            }
            return {key: self.value(each, values[1], (*path, key)) for key, each in inner.items()}
        if type_name in _TYPES:
            if type_name == "str" and path[-1] in _QUANTITIES and _is_number(value):
                return str(value)
            valid = isinstance(value, _TYPES[type_name]) and (type_name == "bool" or not isinstance(value, bool))
            return value if valid else reject(_WORDS[type_name])
        if type_name == "object":  # IntOrString, or the one field without a schema
            plain = isinstance(value, (int, str)) and not isinstance(value, bool)
            return value if plain or path[-1] == "fieldsV1" else reject("an integer or a string")
        return self._object(value, type_name, path) if isinstance(value, dict) else reject("an object")

    def _object(self, value: dict[str, Any], type_name: str, path: Path) -> dict[str, Any]:
        known, result = fields(type_name), {}
        for key, each in value.items():
            inner = (*path, key)
            if key not in known:
                self.problems.append((inner, each, _unknown_key(key, list(known)), errors.UNKNOWN_SETTING))
            elif each is not None:
                result[key] = self.value(each, known[key], inner)
            elif ".".join("*" if isinstance(step, int) else str(step) for step in inner) in self.nulls:
                result[key] = None
        for key in _required(type_name):
            if value.get(key) is None:
                text = f"is required. {_first_sentence(type_name, key)}".strip()
                self.problems.append(((*path, key), None, text, errors.MISSING_SETTING))
        return result


def _required(type_name: str) -> Iterator[str]:
    model = _model(type_name)
    for name, field in model.model_fields.items():
        key = field.serialization_alias or name
        if field.is_required() and key not in _GENERATED.get(type_name, ()):
            yield key


def _first_sentence(type_name: str, key: str) -> str:
    """Return the first sentence of the API's description of a field."""
    model = _model(type_name)
    description = next(
        (
            field.description or ""
            for name, field in model.model_fields.items()
            if (field.serialization_alias or name) == key
        ),
        "",
    )
    return first_sentence(description)


def _unknown_key(key: str, known: list[str]) -> str:
    if len(known) <= _MAX_LISTED_KEYS:
        return f"unknown key{alternatives(key, 'keys', known)}"
    return f"unknown key{suggestion(key, known) or ': use a field of the Kubernetes API'}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@functools.cache
def _model(type_name: str) -> type[_ApiModel]:
    # The import takes half a second, so only stacks with overrides pay for it.
    from kubernetes.client import models

    model: type[_ApiModel] = getattr(models, type_name)
    return model


class _ApiModel(BaseModel):
    """The attributes of every model of the official client: field names in a manifest, and field types."""

    attribute_map: ClassVar[dict[str, str]]
    openapi_types: ClassVar[dict[str, str]]
