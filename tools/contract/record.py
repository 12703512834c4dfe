"""Computes the contract: resources, defaults, the package's schema, exported names, and the stored provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

from google.protobuf import json_format
from pulumi.dynamic.dynamic import serialize_provider
from pydantic import BaseModel

import components
from components.embedded_cluster import EmbeddedClusterProvider
from components.settings import Settings
from ops.provider.schema import schema
from tests.support.fake_engine import Monitor

from .programs import programs

RECORD = Path(__file__).parent.parent.parent / "tests" / "unit" / "contract.json"
COMMAND = "venv/bin/python -m tools.contract write"
Contract = dict[str, dict[str, Any]]


def contract() -> Contract:
    """Return the contract of this tree, in the form in which it is recorded."""
    found: Contract = {
        "children": {title: _children(program) for title, program in programs().items()},
        "defaults": dict(_defaults(Settings)),
        "package": dict(_tokens()),
        "exports": dict.fromkeys(components.__all__, "exported by the library"),
        "state": {"the provider of EmbeddedCluster": _stored_provider()},
    }
    plain: Contract = json.loads(json.dumps(found))
    return plain


def _children(program: Callable[[], object]) -> dict[str, Any]:
    """Return each resource by type, name and parent, with the part of its object that cannot change in place."""
    monitor = Monitor()
    monitor.run(program)
    return {
        f"{request.type} {request.name} in {request.parent.rpartition('::')[2] or 'the program'}": _fixed(request)
        for request in sorted(monitor.requests, key=lambda request: (request.type, request.name))
    }


def _fixed(request: Any) -> dict[str, Any]:
    inputs = json_format.MessageToDict(request.object)
    metadata, spec = inputs.get("metadata") or {}, inputs.get("spec") or {}
    selector = spec.get("selector", spec.get("podSelector"))
    known = {
        "name": metadata.get("name"),
        "namespace": metadata.get("namespace"),
        "selector": selector,
        "aliases": [str(alias).split() for alias in request.aliases],
    }
    return {key: value for key, value in known.items() if value}


def _defaults(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every default below a model: of a group that is omitted, and of one that is written in part."""
    for field in model.model_fields.values():
        key = f"{prefix}.{field.alias}".removeprefix(".")
        for inner in _models(field.annotation):
            kind = inner.model_fields.get("kind")
            names = get_args(kind.annotation) if kind else ()
            yield from _defaults(inner, f"{key}({names[0]})" if len(names) == 1 else key)
        if field.is_required():
            continue
        value = field.get_default(call_default_factory=True)
        if isinstance(value, BaseModel):
            explicit = value.model_dump(by_alias=True, exclude_unset=True)
            yield from ((f"{key}.{name}", inner) for name, inner in explicit.items())
        else:
            yield key, _plain(value)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_unset=True)
    return [_plain(each) for each in value] if isinstance(value, (list, tuple, frozenset)) else value


def _tokens() -> Iterator[tuple[str, Any]]:
    """Yield the names, types and defaults that SDKs are generated from, without their descriptions."""
    found = schema()
    for token, component in found["resources"].items():
        yield f"{token} requires", component["requiredInputs"]
        for part in ("inputProperties", "properties"):
            yield from ((f"{token} {part} {name}", _shape(spec)) for name, spec in component[part].items())
    for token, spec in found["types"].items():
        yield from ((f"{token} {name}", _shape(inner)) for name, inner in spec.get("properties", {}).items())
        yield from ((f"{token} {value['value']}", value["name"]) for value in spec.get("enum", []))


def _shape(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {key: _shape(value) for key, value in spec.items() if key != "description"}
    return spec


def _stored_provider() -> str:
    """Return what Pulumi keeps in a stack's state: it names the module that a later `destroy` imports."""
    return str(serialize_provider(EmbeddedClusterProvider()))
