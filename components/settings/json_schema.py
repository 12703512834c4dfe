"""The JSON schema of a stack file, for editors. It is generated from the models, so each setting is described once."""

from __future__ import annotations

import json
from typing import Any

from .base import FORMS
from .placements import MAY_DIFFER
from .stack import PROJECT, Settings

SCHEMA = "settings.schema.json"
_Schema = dict[str, Any]


def schema_file() -> str:
    """Return the content of settings.schema.json."""
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"


def stack_file_schema() -> _Schema:
    """Return the JSON schema of a ``Pulumi.<stack>.yaml``."""
    settings = _tidied(Settings.model_json_schema(by_alias=True))
    definitions = settings["$defs"]
    backend = definitions["BackendSettings"]["properties"]
    definitions["ClusterPlacement"]["properties"]["backend"] |= {
        "properties": {key: backend[key] for key in MAY_DIFFER},
        "additionalProperties": False,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # the latest that every YAML editor supports in full
        "title": f"A stack of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "description": settings["description"],
                "properties": {f"{PROJECT}:{key}": node for key, node in settings["properties"].items()},
                # Other namespaces configure Pulumi and its providers. In our own, an unknown key is a mistake.
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


def _tidied(node: Any) -> Any:
    """Remove titles and discriminators, reject keys that match no pattern, and describe each pattern."""
    if isinstance(node, list):
        return [_tidied(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        key: _tidied(value)
        for key, value in node.items()
        if key != "discriminator" and not (key == "title" and isinstance(value, str))
    }
    if isinstance(pattern := tidy.get("pattern"), str) and pattern in FORMS:
        tidy["patternErrorMessage"] = f"Must be {FORMS[pattern]}."  # the YAML language server shows it
    return {**tidy, "additionalProperties": False} if "patternProperties" in tidy else tidy
