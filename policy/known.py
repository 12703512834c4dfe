"""Read values that may be unknown: in a preview, everything that only the update determines.

Reading an unknown value raises `Unclear`, which ends the rule. No rule ever reports a violation because of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar


class _Unknown:
    def __repr__(self) -> str:
        return "an unknown value"


UNKNOWN: Final = _Unknown()
_Type = TypeVar("_Type")


class Unclear(Exception):  # noqa: N818 (not an error: the rule has no result)
    """A rule needs a value that is unknown, or of a type that the API server rejects anyway."""


def get(value: Any, *path: str) -> Any:
    """Return the value at a path, None if it is unset. Raises Unclear if it, or a value on the way, is unknown."""
    for step in path:
        value = known(value)
        if value is None:
            return None
        value = _of_type(value, dict).get(step)
    return known(value)


def text(value: Any, *path: str) -> str:
    """Return the string at a path, empty if it is unset. Raises Unclear."""
    return _of_type(get(value, *path) or "", str)


def group(value: Any, *path: str) -> dict[str, Any]:
    """Return the object at a path, empty if it is unset. Raises Unclear."""
    return _of_type(get(value, *path) or {}, dict)


def known(value: Any) -> Any:
    """Return the value. Raises Unclear if it is unknown."""
    if value is UNKNOWN:
        raise Unclear
    return value


def whole(value: Any) -> Any:
    """Return the value if all of it is known, so it can be compared. Raises Unclear otherwise."""
    if isinstance(value, Mapping):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else known(value)


def entries(value: Any, *path: str) -> list[Any]:
    """Return the list at a path, empty if it is unset. Raises Unclear if it or one of its entries is unknown."""
    return [known(entry) for entry in listed(value, *path)]


def listed(value: Any, *path: str) -> list[Any]:
    """Return the list at a path, empty if it is unset. It may contain unknown entries. Raises Unclear."""
    return _of_type(get(value, *path) or [], list)


def number(value: Any, *path: str, default: int) -> int:
    """Return the integer at a path, or the default if it is unset. Raises Unclear."""
    result = get(value, *path)
    if result is None:
        return default
    if isinstance(result, bool) or not isinstance(result, int):
        raise Unclear
    return result


def _of_type(value: Any, wanted: type[_Type]) -> _Type:
    if not isinstance(value, wanted):
        raise Unclear
    return value
