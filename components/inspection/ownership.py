"""Which fields of an object people have set, and which field managers own the others.

Reads metadata.managedFields, in which the API server records every field manager.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# Field managers of people, not of controllers. The engine's provider takes over their fields with its first update.
_USER_MANAGERS = ("kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ANY: Any = object()


def user_set_fields(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the fields that people have set, at their present values.

    Defaults of the API server and fields of controllers are omitted. `kubectl apply` owns the defaults, too: there the
    applied manifest decides.
    """
    metadata = live["metadata"]
    text = (metadata.get("annotations") or {}).get(_LAST_APPLIED)
    applied = json.loads(text) if text else _ANY
    tree: dict[Any, Any] = {}
    for manager, fields in _managers(live):
        if manager.startswith(_USER_MANAGERS):
            _merge(tree, _select(live, fields, applied if manager == "kubectl-client-side-apply" else _ANY))
    owned = _restore_lists(tree)
    owned_metadata = owned.setdefault("metadata", {})
    (owned_metadata.get("annotations") or {}).pop(_LAST_APPLIED, None)
    if not owned_metadata.get("annotations"):
        owned_metadata.pop("annotations", None)
    for name in ("name", "namespace"):
        if name in metadata:
            owned_metadata[name] = metadata[name]
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], **owned}


def foreign_field_managers(live: Mapping[str, Any], *path: str) -> list[str]:
    """Return the other field managers below a path: a value that they own stays whatever others apply."""
    managers = set()
    for manager, fields in _managers(live):
        below: Any = fields
        for step in path:
            below = below.get(f"f:{step}") if below else None
        if below is not None and not manager.startswith(_USER_MANAGERS):
            managers.add(manager)
    return sorted(managers)


def _managers(live: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in live["metadata"].get("managedFields") or []:
        if not entry.get("subresource"):
            yield entry.get("manager", ""), entry.get("fieldsV1") or {}


def _select(live: Any, fields: Mapping[str, Any], applied: Any) -> Any:
    """Return the owned part of a value, as far as ``applied`` has it, too; entries of a list by their index."""
    inner = {key: below for key, below in fields.items() if key != "."}
    if not inner:
        return live
    selected: dict[Any, Any] = {}
    for key, below in inner.items():
        kind, _, word = key.partition(":")
        if kind == "f" and isinstance(live, Mapping) and word in live:
            if applied is _ANY:
                selected[word] = _select(live[word], below, _ANY)
            elif isinstance(applied, Mapping) and word in applied:
                selected[word] = _select(live[word], below, applied[word])
        elif kind in "kv" and isinstance(live, list):
            entry_key = json.loads(word)
            same = _ANY if applied is _ANY else next((one for one in applied or [] if _has_key(one, entry_key)), None)
            for index, entry in enumerate(live):
                if same is not None and _has_key(entry, entry_key):
                    selected[index] = _select(entry, below, same)
    return selected


def _has_key(entry: Any, key: Any) -> bool:
    """Return whether a list entry has a key. A manifest may omit parts of the key that have a default."""
    if isinstance(entry, Mapping) and isinstance(key, Mapping):
        return all(entry.get(name, value) == value for name, value in key.items())
    return bool(entry == key)


def _merge(into: dict[Any, Any], more: Any) -> None:
    for key, value in more.items() if isinstance(more, Mapping) else ():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value


def _restore_lists(tree: Any) -> Any:
    """Turn mappings from an index back into lists."""
    if not isinstance(tree, Mapping):
        return tree
    if tree and all(isinstance(key, int) for key in tree):
        return [_restore_lists(tree[index]) for index in sorted(tree)]
    return {key: _restore_lists(value) for key, value in tree.items()}
