"""Converts a JSON schema of settings to Pulumi's schema: groups become object types, choices become enums."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from components.settings.reference import worded

Spec = dict[str, Any]

ANY = {"$ref": "pulumi.json#/Any"}
"""The type of fields that Kubernetes describes."""


class Types:
    """Collects the types that properties refer to, by token.

    Every property is plain: settings are validated before anything is created, so none can be an output.
    """

    def __init__(self, token: Callable[[str], str]) -> None:
        self._token = token
        self.found: dict[str, Spec] = {}

    def properties(self, schema: Spec, group: Spec, owner: str, *, constants: bool = True) -> dict[str, Spec]:
        """Return the properties of a group called ``owner``. ``constants``: include defaults that are single values."""
        return {
            name: self._property(schema, node, f"{owner}{name[0].upper()}{name[1:]}", constants)
            for name, node in group["properties"].items()
        }

    def enum(self, name: str, description: str, values: Mapping[str, str]) -> Spec:
        """Return a property that takes one of the values. ``values`` maps each to its description, or to ""."""
        self.found[self._token(name)] = {
            "type": "string",
            "description": description,
            "enum": [
                {"name": _identifier(value), "value": value, **({"description": text} if text else {})}
                for value, text in values.items()
            ],
        }
        return {"$ref": f"#/types/{self._token(name)}", "plain": True, "description": description}

    def _property(self, schema: Spec, node: Spec, full_name: str, constants: bool) -> Spec:
        # A setting without a description has that of its group.
        description = node.get("description") or schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]["description"]
        default = node.get("default")
        if "enum" in node:
            spec = self.enum(full_name, description, dict.fromkeys(node["enum"], ""))
        else:
            spec = {**self._type(schema, node), "description": _with_bounds(node, description)}
        if isinstance(default, (bool, int, float, str)) and constants:
            spec["default"] = default
        elif default is not None:
            spec["description"] += f" Default: `{json.dumps(default) if not isinstance(default, str) else default}`."
        return spec

    def _type(self, schema: Spec, node: Spec) -> Spec:
        if "$ref" in node:
            return {"$ref": f"#/types/{self._group(schema, node['$ref'].rsplit('/', 1)[-1])}", "plain": True}
        if "anyOf" in node:  # optional settings; and quantities, which are strings in typed languages
            options = [option for option in node["anyOf"] if option.get("type") != "null"]
            if [option.get("type") for option in options] == ["integer", "string"]:  # a number, or a percentage
                return {"oneOf": [{"type": "integer"}, {"type": "string"}], "plain": True}
            return self._type(schema, options[0])
        match node["type"]:
            case "array":
                return {"type": "array", "items": self._type(schema, node["items"]), "plain": True}
            case "object":
                values = next(iter(node.get("patternProperties", {}).values()), None)
                inner = self._type(schema, values) if values else {**ANY, "plain": True}
                return {"type": "object", "additionalProperties": inner, "plain": True}
        return {"type": node["type"], "plain": True}

    def _group(self, schema: Spec, name: str) -> str:
        token = self._token(name)
        if token not in self.found:
            self.found[token] = {}  # reserve its position before those of its parts
            group = schema["$defs"][name]
            self.found[token] = {
                "type": "object",
                "description": " ".join(group["description"].split()),
                "properties": self.properties(schema, group, name),
                "required": group.get("required", []),
            }
        return token


def _with_bounds(node: Spec, description: str) -> str:
    """Append the bounds to a description: types of other languages have none."""
    unbounded = "$ref" in json.dumps(node) or (node.get("type") == "object" and "patternProperties" not in node)
    bounds = "" if unbounded else worded(node)
    return f"{description} {bounds[0].upper()}{bounds[1:]}." if "," in bounds or " of " in bounds else description


def _identifier(value: str) -> str:
    """Return a value as an identifier of every language: stack-reference becomes StackReference, 1.36 becomes V1_36."""
    word = re.sub(r"(?<=\d)[^A-Za-z0-9]+(?=\d)", "_", value)
    word = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9_]+", word))
    return f"V{word}" if word[0].isdigit() else word
