"""Who has set what of an object, as the API server keeps it in its managed fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# The engine's provider takes over what these own, with its first update: they stand for people, not for controllers.
_PEOPLE = ("kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ANY: Any = object()


def given(live: Mapping[str, Any]) -> dict[str, Any]:
    """An object as people have set it: its present values, without the API server's defaults and what controllers write.

    `kubectl apply` owns the defaults too; there what it was given decides.
    """
    metadata = live["metadata"]
    text = (metadata.get("annotations") or {}).get(_LAST_APPLIED)
    applied = json.loads(text) if text else _ANY
    tree: dict[Any, Any] = {}
    for manager, fields in _managers(live):
        if manager.startswith(_PEOPLE):
            _merge(tree, _picked(live, fields, applied if manager == "kubectl-client-side-apply" else _ANY))
    found = _whole(tree)
    kept = found.setdefault("metadata", {})
    (kept.get("annotations") or {}).pop(_LAST_APPLIED, None)
    if not kept.get("annotations"):
        kept.pop("annotations", None)
    for name in ("name", "namespace"):
        if name in metadata:
            kept[name] = metadata[name]
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], **found}


def strangers(live: Mapping[str, Any], *path: str) -> list[str]:
    """Who else has set something below a path: a value that they own stays whatever others apply."""
    found = set()
    for manager, fields in _managers(live):
        below: Any = fields
        for step in path:
            below = below.get(f"f:{step}") if below else None
        if below is not None and not manager.startswith(_PEOPLE):
            found.add(manager)
    return sorted(found)


def _managers(live: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in live["metadata"].get("managedFields") or []:
        if not entry.get("subresource"):
            yield entry.get("manager", ""), entry.get("fieldsV1") or {}


def _picked(live: Any, fields: Mapping[str, Any], applied: Any) -> Any:
    """The part of a value that is owned, and that ``applied`` has too; of a list, entries by their place in it."""
    inner = {key: below for key, below in fields.items() if key != "."}
    if not inner:
        return live
    found: dict[Any, Any] = {}
    for key, below in inner.items():
        kind, _, word = key.partition(":")
        if kind == "f" and isinstance(live, Mapping) and word in live:
            if applied is _ANY:
                found[word] = _picked(live[word], below, _ANY)
            elif isinstance(applied, Mapping) and word in applied:
                found[word] = _picked(live[word], below, applied[word])
        elif kind in "kv" and isinstance(live, list):
            wanted = json.loads(word)
            same = _ANY if applied is _ANY else next((one for one in applied or [] if _is(one, wanted)), None)
            for place, entry in enumerate(live):
                if same is not None and _is(entry, wanted):
                    found[place] = _picked(entry, below, same)
    return found


def _is(entry: Any, wanted: Any) -> bool:
    """Whether it is the entry of a list that a key names; a manifest may leave out parts of the key that have a default."""
    if isinstance(entry, Mapping) and isinstance(wanted, Mapping):
        return all(entry.get(key, value) == value for key, value in wanted.items())
    return bool(entry == wanted)


def _merge(into: dict[Any, Any], more: Any) -> None:
    for key, value in more.items() if isinstance(more, Mapping) else ():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


def _whole(tree: Any) -> Any:
    """Lists as lists again."""
    if not isinstance(tree, Mapping):
        return tree
    if tree and all(isinstance(key, int) for key in tree):
        return [_whole(tree[place]) for place in sorted(tree)]
    return {key: _whole(value) for key, value in tree.items()}
