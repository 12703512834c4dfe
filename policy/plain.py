"""Convert a resource from its wire format to plain Python, and apply changes to the wire format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policy.known import UNKNOWN

# How Pulumi's wire format writes an unknown value, one for each type.
_UNKNOWN = {
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
_BLINDED = "[secret]"  # a secret of any type in an exported state that cannot be decrypted
_INSIDE = "__target"  # the key under which the SDK's wrappers return what they wrap


def plain(value: Any) -> Any:
    """Return dicts, lists, strings and numbers, with UNKNOWN for unknown values.

    Integral numbers become integers: the wire format has floating point only.
    """
    value = _unwrapped(value)
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWN or value == _BLINDED else value
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if _is_secret(value):
        return plain(value.value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def changed(value: Any, path: Sequence[str | int], to: Any) -> Any:
    """Return a copy of the wire format with one value changed. Secrets stay secrets.

    Objects missing on the way are created. None removes the last key.
    """
    value = _unwrapped(value)
    if not path:
        return to
    if _is_secret(value):
        return type(value)(changed(value.value, path, to))
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        return [changed(inner, rest, to) if index == step else inner for index, inner in enumerate(value)]
    kept = dict(value or {})
    if not rest and to is None:
        kept.pop(step, None)
        return kept
    return {**kept, step: changed(kept.get(str(step)), rest, to)}


def _unwrapped(value: Any) -> Any:
    """Return what the SDK's wrappers hold, without reading it: reading an unknown value raises."""
    while isinstance(value, (Mapping, Sequence)) and not isinstance(value, (dict, list, str)):
        value = value[_INSIDE]  # type: ignore[call-overload]
    return value


def _is_secret(value: Any) -> bool:
    return type(value).__name__ == "Secret" and hasattr(value, "value")
