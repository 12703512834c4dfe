"""Translates pydantic's validation errors into problems: the key, the value, what is wrong and what to do instead."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import ErrorKind, tagged
from ..errors import settings as errors
from .base import FORMS
from .cluster import KINDS
from .problems import Problem, alternatives, dotted, shown
from .renames import RENAMED

WORDED = "worded"
"""The type of a pydantic error whose context holds the message (``text``) and the kind of error (``kind``)."""

_TYPES = {
    "integer": "an integer",
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "number": "a number",
}
_KINDS = {
    "greater_than_equal": errors.OUT_OF_RANGE,
    "less_than_equal": errors.OUT_OF_RANGE,
    "too_short": errors.OUT_OF_RANGE,
    "too_long": errors.OUT_OF_RANGE,
    "string_too_short": errors.OUT_OF_RANGE,
    "string_too_long": errors.OUT_OF_RANGE,
    "string_pattern_mismatch": errors.INVALID_FORMAT,
}
_Entry = Mapping[str, Any]
_Schema = dict[str, Any]


def describe(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return a problem for every error of a validation. Keys are relative to the model."""
    schema = _schema(model)
    entries = error.errors()
    renamed = {tuple(path) for entry in entries if (path := renamed_to(entry, model))}
    problems = []
    for entry in entries:
        path = path_of(entry)
        if entry["type"] == "missing" and tuple(path) in renamed:
            continue  # the problem with the old name covers it
        text, kind = _message(entry, path, schema)
        problems.append(Problem(dotted(path), tagged(text, kind), entry["type"] == "missing"))
    return problems


def path_of(entry: _Entry) -> list[str | int]:
    """Return the path of an error as the user wrote it, without the union members that pydantic inserts."""
    path = list(entry["loc"])
    if len(path) > 2 and path[0] == "cluster" and path[1] in KINDS:
        del path[1]
    # pydantic marks an invalid key by a last step of its own.
    return path[:-1] if path[-1:] == ["[key]"] and entry["type"] != "extra_forbidden" else path


def renamed_to(entry: _Entry, model: type[BaseModel]) -> list[str | int]:
    """Return the path of the setting that an unknown key was renamed to; empty if the key was not renamed."""
    path = path_of(entry)
    if entry["type"] != "extra_forbidden" or path[-1] not in RENAMED:
        return []
    new = RENAMED[str(path[-1])]
    return [*path[:-1], new] if new in _keys(_schema(model), path[:-1], entry) else []


@functools.cache
def _schema(model: type[BaseModel]) -> _Schema:
    return model.model_json_schema(by_alias=True)


def _message(entry: _Entry, path: list[str | int], schema: _Schema) -> tuple[str, ErrorKind]:
    kind, value = entry["type"], entry["input"]
    if kind == WORDED:
        return str(entry["ctx"]["text"]), entry["ctx"]["kind"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), _keys(schema, path[:-1], entry))
    field = _node(schema, path, entry)
    if entry["loc"][-1] == "[key]" and "keyPattern" in field:
        return f"invalid key: must be {FORMS[field['keyPattern']]}", errors.INVALID_FORMAT
    if kind == "missing":
        return f"is required. {field.get('description', '')}".rstrip(), errors.MISSING_SETTING
    if kind == "union_tag_not_found":
        return f"has no kind: set kind to one of {', '.join(KINDS)}", errors.MISSING_SETTING
    if kind == "union_tag_invalid":
        tag = entry["ctx"]["tag"]
        return f"kind {tag!r} is invalid{alternatives(tag, 'values', KINDS)}", errors.INVALID_CHOICE
    if kind == "value_error":
        problem = entry["ctx"]["error"]
        return f"{shown(value)} {problem}", getattr(problem, "kind", errors.INVALID_FORMAT)
    option = _option(field)
    if kind == "literal_error":
        choices = option.get("enum", [option.get("const")])
        return f"{shown(value)} is invalid; valid values: {', '.join(map(shown, choices))}", errors.INVALID_CHOICE
    return f"{shown(value)} is invalid: must be {_requirement(field, option, kind)}", _KINDS.get(
        kind, errors.WRONG_TYPE
    )


def _requirement(field: _Schema, option: _Schema, kind: str) -> str:
    """Return what completes "must be ...": a setting's type, bounds and form, and the start of its description."""
    text = _TYPES.get(option.get("type", ""), "an object")
    if "minimum" in option and "maximum" in option:
        text += f" from {option['minimum']} to {option['maximum']}"
    elif "minimum" in option:
        text += f" of at least {option['minimum']}"
    if "pattern" in option and kind == "string_type":
        text = f"a string in quotes, {FORMS[option['pattern']]}"  # YAML reads a number without quotes
    elif "pattern" in option:
        text = FORMS[option["pattern"]]
    if "maxLength" in option and kind == "string_too_long":
        text += f", at most {option['maxLength']} characters"
    if "minItems" in option or "maxItems" in option:
        text += _entries(option.get("minItems", 0), option.get("maxItems"))
    if "maxProperties" in option and kind == "too_long":
        text += f" of at most {option['maxProperties']} entries"
    description = field.get("description") or option.get("description")
    return f"{text}. {first_sentence(description)}" if description else text


def _entries(least: int, most: int | None) -> str:
    if most is None:
        return f" of at least {least} entries"
    return f" of {least} to {most} entries" if least else f" of at most {most} entries"


def first_sentence(text: str) -> str:
    """Return the first sentence of a description, with its full stop."""
    return re.split(r"(?<=[.]) (?=[A-Z`])", text)[0]


def _unknown_key(key: str, known: Iterable[str]) -> tuple[str, ErrorKind]:
    known = list(known)
    if RENAMED.get(key) in known:
        return f"was renamed to {RENAMED[key]}: use the new name", errors.RENAMED_SETTING
    return f"unknown key{alternatives(key, 'keys', known)}", errors.UNKNOWN_SETTING


def _keys(schema: _Schema, path: list[str | int], entry: _Entry) -> Iterable[str]:
    """Return the keys of the group of settings at a path."""
    keys: dict[str, Any] = _node(schema, path, entry).get("properties", {})
    return keys


def _option(field: _Schema) -> _Schema:
    """Return the part of a setting's schema that describes values other than null."""
    options = field.get("anyOf") or [field]
    return next((option for option in options if option.get("type") != "null"), field)


def _node(schema: _Schema, path: list[str | int], entry: _Entry) -> _Schema:
    """Return the part of a JSON schema at a path. Follow the member of a union that the error names."""
    node: _Schema = schema
    for step in path:
        node = _resolved(schema, node, entry)
        named = None if isinstance(step, int) else node.get("properties", {}).get(step) or _mapping_entry(node)
        node = node.get("items", {}) if named is None else named
    resolved = _resolved(schema, node, entry)
    own = {key: node[key] for key in ("description",) if key in node}
    return {**resolved, **own}


def _mapping_entry(mapping: _Schema) -> _Schema:
    """Return the schema of the values of a mapping with free keys, with the pattern of the keys as ``keyPattern``."""
    for pattern, value in mapping.get("patternProperties", {}).items():
        return {**value, "keyPattern": pattern}
    values = mapping.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _resolved(schema: _Schema, node: _Schema, entry: _Entry) -> _Schema:
    if "discriminator" in node:
        member = next((str(step) for step in entry["loc"] if step in node["discriminator"]["mapping"]), None)
        return _resolved(schema, {"$ref": node["discriminator"]["mapping"][member]}, entry) if member else node
    group = next((option for option in node.get("anyOf", ()) if "$ref" in option), node)  # an optional group
    if "$ref" in group:
        target: _Schema = schema["$defs"][group["$ref"].rsplit("/", 1)[-1]]
        return target
    return node
