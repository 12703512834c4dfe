"""From the wire's form of a resource to plain Python, and changes back into it. Knows no policy SDK, only its markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policy.known import UNKNOWN

# How Pulumi's wire writes what is not known yet, by the type it will have.
_UNKNOWN = {
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
_BLINDED = "[secret]"  # in an exported state whose secrets cannot be read, whatever their type was
_INSIDE = "__target"  # under this key the SDK's wrappers give what they wrap


def plain(value: Any) -> Any:
    """Dicts, lists, text, numbers; UNKNOWN for what is not known. Whole numbers as such: the wire has floating point only."""
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
    """A copy of the wire's form in which one value is another; secrets stay secrets, all else stays as it is.

    Groups that are missing on the way are made, None takes the last step's key away.
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
    """What the SDK's wrappers hold, which they give without looking at it."""
    while isinstance(value, (Mapping, Sequence)) and not isinstance(value, (dict, list, str)):
        value = value[_INSIDE]  # type: ignore[call-overload]
    return value


def _is_secret(value: Any) -> bool:
    return type(value).__name__ == "Secret" and hasattr(value, "value")
