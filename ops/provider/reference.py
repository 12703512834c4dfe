"""The reference of the components, generated from the package's schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ops.provider.schema import schema
from ops.provider.tokens import PACKAGE
from ops.provider.types import ANY

Spec = dict[str, Any]

_INTRODUCTION = f"""\
# Components

Resources of the package `{PACKAGE}`, for programs in any Pulumi language. docs/how-to/other-languages.md describes how
to use the package. Python programs can import the same components without it.
"""


def components_page() -> str:
    """Return the page as Markdown: inputs and outputs of each component, and the types that they refer to."""
    package = schema()
    parts = [_INTRODUCTION]
    for token, component in package["resources"].items():
        inputs = _inputs(component["inputProperties"], component["requiredInputs"])
        outputs = _outputs(component["properties"], component["required"])
        parts.append(f"## {_name(token)}\n\n`{PACKAGE}:{_name(token)}`. {component['description']}\n")
        parts.append("### Inputs\n\n" + "\n".join(inputs) + "\n")
        parts.append("### Outputs\n\n" + "\n".join(outputs) + "\n")
    parts.append("## Types\n\nThe types of the inputs and outputs above, by name.\n")
    for token, spec in sorted(package["types"].items()):
        rows = _values(spec) if "enum" in spec else _inputs(spec["properties"], spec["required"])
        parts.append(f"### {_name(token)}\n\n{spec['description']}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _inputs(properties: dict[str, Spec], required: list[str]) -> Iterator[str]:
    yield "| name | type | default | description |"
    yield "|---|---|---|---|"
    for name, spec in properties.items():
        default = "required" if name in required else _code(spec["default"]) if "default" in spec else ""
        yield _row(f"`{name}`", _type(spec), default, spec["description"])


def _outputs(properties: dict[str, Spec], required: list[str]) -> Iterator[str]:
    yield "| name | type | description |"
    yield "|---|---|---|"
    for name, spec in properties.items():
        details = [
            _type(spec),
            *(["secret"] if spec.get("secret") else []),
            *([] if name in required else ["may be absent"]),
        ]
        yield _row(f"`{name}`", ", ".join(details), spec["description"])


def _values(spec: Spec) -> Iterator[str]:
    yield "| value | in SDKs | description |"
    yield "|---|---|---|"
    for value in spec["enum"]:
        yield _row(_code(value["value"]), f"`{value['name']}`", value.get("description", ""))


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _code(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _type(spec: Spec) -> str:
    if spec.get("$ref") == ANY["$ref"]:
        return "anything"
    if "$ref" in spec:
        name = _name(spec["$ref"])
        return f"[{name}](#{name.lower()})"
    if "oneOf" in spec:
        return " or ".join(_type(option) for option in spec["oneOf"])
    match spec["type"]:
        case "array":
            return f"list of {_type(spec['items'])}"
        case "object":
            return f"map of {_type(spec['additionalProperties'])}"
    return str(spec["type"])


def _name(token: str) -> str:
    return token.rsplit(":", 1)[-1]
