"""Says what is wrong with a setting, in one line: the key, what it holds, what would be right."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from .base import SUBDOMAIN
from .cluster import KINDS, STACK
from .cluster_api import CIDR, VERSION

# What a pattern means, for people.
_FORMS = {
    "^[a-z]([-a-z0-9]*[a-z0-9])?$": "lower-case letters, digits and '-', starting with a letter, not ending with '-'",
    "^/[!-~]*$": "a path that starts with '/' and holds no space",
    "^[A-Za-z_][A-Za-z0-9_]*$": "the name of an environment variable: letters, digits and '_', not starting with a digit",
    "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$": "a label value: letters, digits, '-', '_' and '.'",
    "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$": "a label value: letters, digits, '-', '_' and '.', or nothing",
    "^[A-Za-z0-9_:][A-Za-z0-9_:.|-]*$": "the name of a metric: letters, digits and any of _:.|- (not first: .|-)",
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": "lower-case letters, digits and '-'",
}
_FORMS |= {
    f"^{SUBDOMAIN}$": "lower-case letters, digits, '-' and single dots",
    f"^([*][.])?{SUBDOMAIN}$": "the name of a host: lower-case letters, digits, '-' and single dots, after '*.' if need be",
    r"^/([A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)?$": "a path such as /shop: letters, digits and any of ._~-, no part of it empty or beginning with a dot",
    f"^({SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$": "a label key: at most 63 letters, digits, '-', '_' and '.', after a domain and a slash if need be",
    STACK: "a stack's full name, organization/project/stack",
    VERSION: "a whole version of Kubernetes, such as 1.36.3",
    CIDR: "an IPv4 network, such as 192.168.0.0/16",
    "^[a-z0-9]+(-[a-z0-9]+)*$": "a region: lower-case letters, digits and single '-'",
    "^[a-z0-9]+$": "lower-case letters and digits",
    "^[A-Za-z0-9][A-Za-z0-9._-]*$": "letters, digits and any of ._-, not first",
    "^[A-Za-z0-9+=,.@_-]+$": "letters, digits and any of +=,.@_-",
    r"^[a-z][-a-z0-9:.]{4,61}[a-z0-9]$": "the id of a project: 6 to 63 lower-case letters, digits, '-', '.' and ':'",
    r"^[A-Za-z_][A-Za-z0-9_.-]*$": "the name of a variable: letters, digits and any of _.-",
    "^[a-z][a-z0-9]*$": "lower-case letters and digits, starting with a letter",
}
WORDED = "worded"
"""The type of an error that says itself, in ``ctx``, what is wrong and what would be right."""
_TYPES = {
    "integer": "a whole number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of keys",
    "null": "nothing",
    "number": "a number",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, and in words what and what would be right."""

    key: str
    text: str
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class SettingsError(Exception):
    """All that is wrong with a stack's settings."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems = _each_key_once(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"The settings have {count}:", *(f"  {problem}" for problem in problems)]))


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _each_key_once(problems: list[Problem]) -> list[Problem]:
    """All that is said of one key in one line."""
    found: dict[str, Problem] = {}
    for problem in problems:
        before = found.get(problem.key)
        found[problem.key] = Problem(problem.key, f"{before.text}; {problem.text}") if before else problem
    return list(found.values())


def describe(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Every error of a validation as a problem; keys are relative to the model."""
    schema = _schema(model)
    found = []
    for entry in error.errors():
        path = path_of(entry)
        found.append(Problem(dotted(path), _text(entry, path, schema), entry["type"] == "missing"))
    return found


def path_of(entry: Mapping[str, Any]) -> list[str | int]:
    """Where an error is, as the keys a user wrote: without the name of the union member that pydantic puts in between."""
    path = list(entry["loc"])
    if len(path) > 2 and path[0] == "cluster" and path[1] in KINDS:
        del path[1]
    # pydantic ends the path to a key that is wrong itself with a word of its own.
    return path[:-1] if path[-1:] == ["[key]"] and entry["type"] != "extra_forbidden" else path


def dotted(path: Iterable[str | int]) -> str:
    """``backend.environment.A``, ``cluster.zones[0]``."""
    text = ""
    for step in path:
        word = step if isinstance(step, int) or step.isprintable() else repr(step)[1:-1]  # never over several lines
        text += f"[{word}]" if isinstance(step, int) else f".{word}" if text else str(word)
    return text


def _text(entry: Mapping[str, Any], path: list[str | int], schema: dict[str, Any]) -> str:
    kind, value = entry["type"], entry["input"]
    if kind == WORDED:
        return str(entry["ctx"]["text"])
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), _at(schema, path[:-1], entry))
    field = _at(schema, path, entry)
    if entry["loc"][-1] == "[key]" and "keyPattern" in field:
        return f"is not {_FORMS.get(field['keyPattern'], 'a key that can be used here')}"
    if kind == "missing":
        return f"missing. {field.get('description', '')}".rstrip()
    if kind == "union_tag_not_found":
        return f"missing its kind; right would be one of: {', '.join(KINDS)}"
    if kind == "union_tag_invalid":
        known = entry["ctx"]["expected_tags"].replace("'", "")
        given = entry["ctx"]["tag"]
        return f"kind {given!r} is not known; right would be one of: {known}{closest(given, known.split(', '))}"
    if kind == "value_error":
        return f"{shown(value)} {entry['ctx']['error']}"
    if kind == "literal_error":
        return f"{shown(value)} is not known; right would be {entry['ctx']['expected']}"
    return f"{shown(value)} is wrong; right would be {_right(field, kind)}"


def _right(field: dict[str, Any], kind: str) -> str:
    options = field.get("anyOf") or [field]
    option = next((o for o in options if o.get("type") != "null"), field)
    text = _TYPES.get(option.get("type", ""), "a group of keys")
    if "minimum" in option and "maximum" in option:
        text += f" from {option['minimum']} to {option['maximum']}"
    elif "minimum" in option:
        text += f", at least {option['minimum']}"
    if "pattern" in option and kind == "string_type":
        text = f"a text, in quotes: {_FORMS.get(option['pattern'], 'the right form')}"  # a number in YAML has none
    elif "pattern" in option:
        text = _FORMS.get(option["pattern"], text)
    if "maxLength" in option and kind == "string_too_long":
        text += f", at most {option['maxLength']} characters"
    if "minItems" in option or "maxItems" in option:
        text += f" of {option.get('minItems', 0)} to {option.get('maxItems', 'any number of')} entries"
    if "maxProperties" in option and kind == "too_long":
        text += f" of at most {option['maxProperties']} entries"
    description = field.get("description") or option.get("description")
    first = re.split(r"[.] (?=[A-Z])", description or "")[0].rstrip(".")
    return f"{text} ({first})" if first else text


def _unknown(key: str, group: dict[str, Any]) -> str:
    known = list(group.get("properties", {}))
    return f"unknown key{closest(key, known)}; known here: {', '.join(known)}"


def closest(given: Any, known: list[str]) -> str:
    """``; did you mean ...?`` where one of the known words is near; else nothing."""
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(given).lower().replace("_", "").replace("-", ""), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[near[0]]!r}?" if near else ""


def shown(value: Any) -> str:
    """A value as it is told: short, and never over several lines."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _at(schema: dict[str, Any], path: list[str | int], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a JSON schema that describes the setting at a path; follows the member of a union that was chosen."""
    node: dict[str, Any] = schema
    for step in path:
        node = _resolved(schema, node, entry)
        named = None if isinstance(step, int) else node.get("properties", {}).get(step) or _entry(node)
        node = node.get("items", {}) if named is None else named
    resolved = _resolved(schema, node, entry)
    own = {key: node[key] for key in ("description",) if key in node}
    return {**resolved, **own}


def _entry(mapping: dict[str, Any]) -> dict[str, Any]:
    """A mapping with free keys: how its keys must look, and what its values are."""
    by_pattern = mapping.get("patternProperties", {})
    for pattern, value in by_pattern.items():
        return {**value, "keyPattern": pattern}
    values = mapping.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _resolved(schema: dict[str, Any], node: dict[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    if "discriminator" in node:
        member = next((str(step) for step in entry["loc"] if step in node["discriminator"]["mapping"]), None)
        return _resolved(schema, {"$ref": node["discriminator"]["mapping"][member]}, entry) if member else node
    group = next((option for option in node.get("anyOf", ()) if "$ref" in option), node)  # one that may be left out
    if "$ref" in group:
        target: dict[str, Any] = schema["$defs"][group["$ref"].rsplit("/", 1)[-1]]
        return target
    return node
