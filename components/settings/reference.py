"""The reference of all settings, as a Markdown page. Generated from the models: each setting is described once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .stack import PROJECT, Settings

_INTRODUCTION = f"""\
# Settings

A stack file sets these keys under `config`, with the prefix `{PROJECT}:`. Programs pass the keys of
[`backend`](#backend) and [`cluster`](#cluster) to the components. All values are plain: settings are not encrypted.
Unknown keys are rejected.

"object" means a group of keys with a section of its own. "unset" means that the setting has no value unless you set it.

The settings of the Service are in three places: its port is `backend.servicePort`; its type and external traffic policy
are in [`backend.loadBalancer`](#backendloadbalancer); who may connect is in [`backend.network`](#backendnetwork).
"""
_HEADER = "| name | type | default | description |\n|---|---|---|---|"
_Schema = dict[str, Any]


def settings_page() -> str:
    """Return a Markdown page with a section for every group of settings, in the order of the models."""
    schema = Settings.model_json_schema(by_alias=True)
    top = {**schema, "description": "The keys of a stack file, after the prefix."}
    return "\n".join([_INTRODUCTION, *_sections(schema, top, "", "Top level", {})])


def worded(node: _Schema) -> str:
    """Return a setting's type and bounds in words, from its part of a JSON schema without references."""
    if "anyOf" in node:
        return " or ".join(worded(option) for option in node["anyOf"] if option["type"] != "null")
    if "const" in node:
        return _code(node["const"])
    if "enum" in node:
        return " or ".join(map(_code, node["enum"]))
    match node["type"]:
        case "integer":
            return "integer" + _bounds(node.get("minimum"), node.get("maximum"), "")
        case "number":
            return "number" + (f" above {node['exclusiveMinimum']}" if "exclusiveMinimum" in node else "")
        case "string":
            return "string" + _bounds(node.get("minLength"), node.get("maxLength"), " characters")
        case "array":
            count = _bounds(node.get("minItems"), node.get("maxItems"), " entries")
            each = "object" if "$ref" in node["items"] else worded(node["items"])
            return f"list{count.replace(', ', ' of ')}, each {'an' if each[0] in 'aeiou' else 'a'} {each}"
        case "object" if "patternProperties" not in node:
            return "object, as in Kubernetes"
        case "object":
            return f"map of {worded(next(iter(node['patternProperties'].values())))}"
    return "boolean"


def _sections(schema: _Schema, group: _Schema, key: str, heading: str, defaults: dict[str, Any]) -> Iterator[str]:
    """Yield the section of a group and those of the groups in it. ``defaults``: its values if the group is unset."""
    yield f"## {heading}\n\n{group['description']}\n\n{_HEADER}"
    inner: list[tuple[_Schema, str, str, dict[str, Any]]] = []
    for name, node in group["properties"].items():
        path = f"{key}.{name}".lstrip(".")
        required = name in group.get("required", ())
        kind, description = _type(path, node), _linked(node.get("description") or group["description"])
        yield _row(f"`{name}`", kind, _default(node, required, defaults.get(name), key), description)
        inner += _inner_groups(schema, node, path)
    yield ""
    for child, path, title, values in inner:
        if "oneOf" in child:
            yield from _kinds(schema, child, path, title)
        else:
            yield from _sections(schema, child, path, title, values)


def _inner_groups(schema: _Schema, node: _Schema, path: str) -> Iterator[tuple[_Schema, str, str, dict[str, Any]]]:
    """Yield the groups that a setting consists of: each with its key, its heading and its defaults."""
    if path in _SAME:
        return
    if "oneOf" in node:
        yield node, path, f"`{path}`", {}
    elif reference := _reference(node):
        yield _resolved(schema, reference), path, f"`{path}`", node.get("default") or {}
    elif "$ref" in (items := node.get("items", {})):
        yield _resolved(schema, items), f"{path}[]", f"`{path}[]`", {}


# Settings with the keys of another section.
_SAME = {"placements[].cluster": "cluster", "placements[].backend": "backend"}


def _kinds(schema: _Schema, union: _Schema, key: str, heading: str) -> Iterator[str]:
    """Yield the section of a setting with several kinds, and a section for each kind."""
    members = [_resolved(schema, option) for option in union["oneOf"]]
    titles = [f"`{key}` with `kind: {member['properties']['kind']['const']}`" for member in members]
    links = "\n".join(f"- [{title}](#{_anchor(title)})" for title in titles)
    yield f"## {heading}\n\n{union['description']} Its keys depend on `kind`:\n\n{links}\n"
    for member, title in zip(members, titles, strict=True):
        yield from _sections(schema, member, key, title, {})


def _reference(node: _Schema) -> _Schema | None:
    """Return the reference to the group that a setting consists of; None if it is not a group."""
    return next((option for option in (node, *node.get("anyOf", ())) if "$ref" in option), None)


def _type(path: str, node: _Schema) -> str:
    if path in _SAME:
        return f"[object](#{_anchor(_SAME[path])})"
    if "oneOf" in node or _reference(node):
        return f"[object](#{_anchor(path)})"
    text = worded(node)
    if "$ref" in node.get("items", {}):
        return text.replace("object", f"[object](#{_anchor(path)})")
    return text


def _default(node: _Schema, required: bool, value: Any, group: str) -> str:
    if value is not None and required:
        return f"{_code(value)}; required if `{group}` is set"
    if required:
        return "required"
    if _reference(node):
        return "unset" if "anyOf" in node else "as below"
    if "default" not in node and "minItems" in node:
        return "one entry with its defaults" if node["minItems"] == 1 else "unset"
    # The schema omits other defaults from a factory; all of them are empty.
    default = node.get("default", {"array": [], "object": {}}.get(node.get("type", "")))
    return "unset" if default is None else _code(default)


def _code(value: Any) -> str:
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _bounds(least: int | None, most: int | None, unit: str) -> str:
    if least is not None and most is not None:
        return f", {least} to {most}{unit}"
    if least is not None:
        return ", not empty" if unit and least == 1 else f", at least {least}{unit}"
    return "" if most is None else f", at most {most}{unit}"


def _linked(description: str) -> str:
    """Turn references to other pages, such as (docs/how-to/edge.md), into links from docs/reference/."""
    return re.sub(r"\(docs/([\w/-]+[.]md)\)", r"([guide](../\1))", description)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub and MkDocs derive from a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def _resolved(schema: _Schema, node: _Schema) -> _Schema:
    target: _Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return target
