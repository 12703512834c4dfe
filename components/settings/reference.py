"""Writes the settings down where people look: a JSON schema for editors, and the table in the README.

Both are made from the models, so that a setting is described once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .placements import MAY_DIFFER
from .stack import PROJECT, Settings

SCHEMA, README = "settings.schema.json", "README.md"
BEGIN, END = "<!-- settings:begin -->", "<!-- settings:end -->"
_Schema = dict[str, Any]


class DocumentError(Exception):
    """The settings cannot be written down; the text says why."""


def documents(folder: Path) -> dict[Path, str]:
    """What the generated files in ``folder`` must hold. Raises DocumentError where the README has no place for the table."""
    readme = folder / README
    try:
        before, rest = readme.read_text().split(f"{BEGIN}\n")
        _, after = rest.split(f"{END}\n")
    except (OSError, ValueError):
        raise DocumentError(
            f"{README}: must hold the lines {BEGIN} and {END}, once and in this order; "
            "the table of settings goes between them"
        ) from None
    return {
        folder / SCHEMA: json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n",
        readme: f"{before}{BEGIN}\n{table()}{END}\n{after}",
    }


def stack_file_schema() -> _Schema:
    """A JSON schema of a whole ``Pulumi.<stack>.yaml``."""
    settings = _tidied(Settings.model_json_schema(by_alias=True))
    definitions = settings["$defs"]
    whole = definitions["BackendSettings"]["properties"]
    definitions["ClusterPlacement"]["properties"]["backend"] |= {
        "properties": {key: whole[key] for key in MAY_DIFFER},
        "additionalProperties": False,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # the latest that every YAML editor knows in full
        "title": f"A stack of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "description": settings["description"],
                "properties": {f"{PROJECT}:{key}": node for key, node in settings["properties"].items()},
                # Other namespaces configure Pulumi and its providers; in our own, an unknown key is a slip.
                "patternProperties": {f"^(?!{PROJECT}:)": {}},
                "additionalProperties": False,
            },
            "secretsprovider": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "encryptionsalt": {"type": "string"},
            "environment": {"type": ["array", "object"]},
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def table() -> str:
    """A Markdown table with a row for every setting, in the order of the models."""
    schema = Settings.model_json_schema(by_alias=True)
    lines = ["| setting | type | default | description |", "|---|---|---|---|"]
    for cells in _group(schema, schema, "", None, ""):
        lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def worded(node: _Schema) -> str:
    """A setting's type and bounds in words, from its node of a JSON schema that refers to nothing."""
    return _type(node)


def _group(schema: _Schema, group: _Schema, prefix: str, given: Any, suffix: str) -> Iterator[tuple[str, ...]]:
    """Rows of one group; ``given`` is what it holds where a stack file leaves the whole group out."""
    for name, node in group["properties"].items():
        key, required = f"{prefix}{name}", name in group.get("required", ())
        if prefix.endswith("[].") and ("oneOf" in node or node.get("additionalProperties") is True):
            # Another of a group that has rows of its own.
            yield f"`{key}`{suffix}", "group of keys", _default(node, required, None, prefix), node["description"]
        elif "oneOf" in node:
            for member in (_resolved(schema, option) for option in node["oneOf"]):
                yield from _group(schema, member, f"{key}.", None, f" ({member['properties']['kind']['const']})")
        elif "$ref" in node:
            yield from _group(schema, _resolved(schema, node), f"{key}.", node.get("default"), suffix)
        elif absent := next((option for option in node.get("anyOf", ()) if "$ref" in option), None):
            yield f"`{key}`{suffix}", "group of keys", "left out", node["description"]
            yield from _group(schema, _resolved(schema, absent), f"{key}.", None, suffix)
        else:
            # The word that chooses a member of a union is described by what it chooses.
            description = node.get("description") or group["description"]
            yield (
                f"`{key}`{suffix}",
                _type(node),
                _default(node, required, (given or {}).get(name), prefix),
                description,
            )
            if "$ref" in (items := node.get("items", {})):
                yield from _group(schema, _resolved(schema, items), f"{key}[].", None, suffix)


def _default(node: _Schema, required: bool, given: Any, prefix: str) -> str:
    if given is not None and required:
        return f"{_code(given)}; required where `{prefix.rstrip('.')}` is given"
    if required:
        return "required"
    # Defaults that are made anew each time are not in the schema; all of them are empty.
    default = node.get("default", {"array": [], "object": {}}.get(node.get("type", "")))
    return "left out" if default is None else _code(default)


def _code(value: Any) -> str:
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _type(node: _Schema) -> str:
    if "anyOf" in node:
        return " or ".join(_type(option) for option in node["anyOf"] if option["type"] != "null")
    if "const" in node:
        return _code(node["const"])
    if "enum" in node:
        return " or ".join(map(_code, node["enum"]))
    match node["type"]:
        case "integer":
            return "whole number" + _bounds(node.get("minimum"), node.get("maximum"), "")
        case "number":
            return "number" + (f" above {node['exclusiveMinimum']}" if "exclusiveMinimum" in node else "")
        case "string":
            return "text" + _bounds(node.get("minLength"), node.get("maxLength"), " characters")
        case "array":
            count = _bounds(node.get("minItems"), node.get("maxItems"), " entries")
            each = "group of keys" if "$ref" in node["items"] else _type(node["items"])
            return f"list{count.replace(', ', ' of ')}; each a {each}"
        case "object" if "patternProperties" not in node:
            return "as in Kubernetes"
        case "object":
            return f"keys, each with a {_type(next(iter(node['patternProperties'].values())))}"
    return "true or false"


def _bounds(least: int | None, most: int | None, unit: str) -> str:
    if least is not None and most is not None:
        return f", {least} to {most}{unit}"
    if least is not None:
        return ", not empty" if unit and least == 1 else f", at least {least}{unit}"
    return "" if most is None else f", at most {most}{unit}"


def _resolved(schema: _Schema, node: _Schema) -> _Schema:
    target: _Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return target


def _tidied(node: Any) -> Any:
    """The models' schema without what only fills it, and with keys refused that fit no pattern, as the models do."""
    if isinstance(node, list):
        return [_tidied(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidied(value)
        for key, value in node.items()
        if key != "discriminator" and not (key == "title" and isinstance(value, str))
    }
    return {**kept, "additionalProperties": False} if "patternProperties" in kept else kept
