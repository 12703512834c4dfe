"""What somebody has added to an object by hand, which no comparison with the program's own fields can show.

The API server notes for each field who has set it. One that a tool in somebody's hands has set, and that the program says
nothing of, was added there: an environment variable, a node selector. The engine never looks at such a field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.difference import Difference

# By the name under which each of them writes; what is not known may be a controller, which has its reasons.
_HANDS = ("kubectl", "k9s", "Lens", "node-fetch", "headlamp", "dashboard", "Mozilla")
_HARMLESS = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'  # kubectl rollout restart


def added(inputs: Mapping[str, Any], live: Mapping[str, Any]) -> list[Difference]:
    """Fields of the object's specification as it is there now, each once, with nothing as what was deployed."""
    found = {
        one.path: one
        for entry in (live.get("metadata") or {}).get("managedFields") or ()
        if str(entry.get("manager", "")).startswith(_HANDS) and not entry.get("subresource")
        for one in _walk({"f:spec": (entry.get("fieldsV1") or {}).get("f:spec") or {}}, inputs, live, "")
    }
    return [one for path, one in sorted(found.items()) if path != _HARMLESS]


def _walk(owned: Mapping[str, Any], mine: Any, live: Any, path: str) -> Iterator[Difference]:
    for key, inner in owned.items():
        kind, _, name = key.partition(":")
        if kind not in ("f", "k"):  # "." is the entry itself, "v" one of a plain list, which is compared as a whole
            continue
        ours, theirs = (_at(value, kind, name) for value in (mine, live))
        if theirs is None:
            continue
        here = _path(path, kind, name)
        if ours is not None or (kind == "f" and set(inner) - {"."}):
            yield from _walk(inner, ours, theirs, here)
        else:
            yield Difference(here, None, theirs)


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
