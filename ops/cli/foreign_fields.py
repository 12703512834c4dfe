"""Find fields that somebody added to an object manually, which a comparison with the program's own fields cannot show.

The API server records the manager of each field. A field of an interactive tool that the program does not set was added
manually, such as an environment variable or a node selector. The engine never compares such a field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.difference import Difference

# Field managers of interactive tools. Any other manager may be a controller, which has its reasons.
_INTERACTIVE = ("kubectl", "k9s", "Lens", "node-fetch", "headlamp", "dashboard", "Mozilla")
_HARMLESS = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'  # kubectl rollout restart


def foreign_fields(inputs: Mapping[str, Any], live: Mapping[str, Any]) -> list[Difference]:
    """Return each field of the live object's spec that was added manually. Its deployed value is None."""
    added = {
        one.path: one
        for entry in (live.get("metadata") or {}).get("managedFields") or ()
        if str(entry.get("manager", "")).startswith(_INTERACTIVE) and not entry.get("subresource")
        for one in _walk({"f:spec": (entry.get("fieldsV1") or {}).get("f:spec") or {}}, inputs, live, "")
    }
    return [one for path, one in sorted(added.items()) if path != _HARMLESS]


def _walk(owned: Mapping[str, Any], program: Any, live: Any, path: str) -> Iterator[Difference]:
    for key, inner in owned.items():
        kind, _, name = key.partition(":")
        if kind not in ("f", "k"):  # "." is the entry itself, "v" a value of a plain list, which is compared as a whole
            continue
        own, current = (_at(value, kind, name) for value in (program, live))
        if current is None:
            continue
        here = _path(path, kind, name)
        if own is not None or (kind == "f" and set(inner) - {"."}):
            yield from _walk(inner, own, current, here)
        else:
            yield Difference(here, None, current)


def _at(value: Any, kind: str, name: str) -> Any:
    if kind == "f":
        return value.get(name) if isinstance(value, Mapping) else None
    wanted = json.loads(name)
    return next(
        (
            entry
            for entry in value or ()
            if isinstance(entry, Mapping) and all(entry.get(key) == wanted[key] for key in wanted if key in entry)
        ),
        None,
    )


def _path(path: str, kind: str, name: str) -> str:
    if kind == "k":
        return f"{path}[{next(iter(json.loads(name).values()))}]"
    return f'{path}["{name}"]' if "." in name else f"{path}.{name}".lstrip(".")
