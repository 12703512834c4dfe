"""Strict JSON schemas for kubeconform, from CustomResourceDefinitions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LOCATION = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"


def write(definitions: Iterable[Mapping[str, Any]], folder: Path) -> str:
    """Write a file for each version of each kind, and return the value of ``-schema-location``."""
    for definition in definitions:
        spec = definition["spec"]
        for version in spec["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            # Some definitions, such as Istio's, leave to the API server what every object has.
            schema["properties"] |= {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
            }
            file = folder / spec["group"] / f"{spec['names']['kind'].lower()}_{version['name']}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(schema))
    return f"{folder}/{LOCATION}"


def _strict(node: Any) -> Any:
    """Reject fields that the API server would silently drop; keep free what it preserves."""
    if not isinstance(node, dict):
        return node
    if node.get("x-kubernetes-int-or-string"):
        return {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    made = dict(node)
    for key in ("items", "additionalProperties", "not"):
        if key in node:
            made[key] = _strict(node[key])
    for key in ("allOf", "anyOf", "oneOf"):
        if key in node:
            made[key] = [_strict(each) for each in node[key]]
    if "properties" in node:
        made["properties"] = {name: _strict(each) for name, each in node["properties"].items()}
        if "additionalProperties" not in node and not node.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    return made
