"""Reads values that may not be known yet: in a preview, whatever only the update itself brings about.

Where such a value is read, `Unclear` ends the judgement it was read for. Nothing is ever called wrong for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar


class _Unknown:
    def __repr__(self) -> str:
        return "a value that is not known yet"


UNKNOWN: Final = _Unknown()
_Type = TypeVar("_Type")


class Unclear(Exception):  # noqa: N818 (no error: it says that nothing can be said)
    """A value is needed that is not known yet; or of a type that the API server refuses, so that nothing follows from it."""


def get(value: Any, *path: str) -> Any:
    """What is at a path, None where it is left out. Raises Unclear where it, or what leads there, is not known."""
    for step in path:
        value = known(value)
        if value is None:
            return None
        value = _of_type(value, dict).get(step)
    return known(value)


def text(value: Any, *path: str) -> str:
    """The text at a path, empty where it is left out; raises Unclear."""
    return _of_type(get(value, *path) or "", str)


def group(value: Any, *path: str) -> dict[str, Any]:
    """The keys and values at a path, empty where it is left out; raises Unclear."""
    return _of_type(get(value, *path) or {}, dict)


def known(value: Any) -> Any:
    """The value itself. Raises Unclear where it is not known."""
    if value is UNKNOWN:
        raise Unclear
    return value


def whole(value: Any) -> Any:
    """The value, known throughout, to be compared with another. Raises Unclear otherwise."""
    if isinstance(value, Mapping):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else known(value)


def entries(value: Any, *path: str) -> list[Any]:
    """The list at a path, empty where it is left out. Raises Unclear where it or one of its entries is not known."""
    return [known(entry) for entry in listed(value, *path)]


def listed(value: Any, *path: str) -> list[Any]:
    """The same, but entries that are not known stay in it, for whoever judges each by itself."""
    return _of_type(get(value, *path) or [], list)


def number(value: Any, *path: str, default: int) -> int:
    """The whole number at a path, the default where it is left out; raises Unclear."""
    found = get(value, *path)
    if found is None:
        return default
    if isinstance(found, bool) or not isinstance(found, int):
        raise Unclear
    return found


def _of_type(value: Any, wanted: type[_Type]) -> _Type:
    if not isinstance(value, wanted):
        raise Unclear
    return value
