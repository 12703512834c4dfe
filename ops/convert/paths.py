"""Read and change a value of nested settings by its key, such as ``podTemplate.spec.containers[0].image``."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|([^.\[]+)")


def steps(key: str) -> list[str | int]:
    """Return the steps of a key."""
    return [int(number) if number else name for number, name in _STEP.findall(key)]


def get(values: Any, key: str) -> Any:
    """Return the value at a key; None if there is none."""
    for step in _known(values, key):
        try:
            values = values[step]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def put(values: Any, key: str, value: Any) -> None:
    """Set the value at a key, with the groups around it."""
    *path, last = _known(values, key)
    for step in path:
        values = values.setdefault(step, {}) if isinstance(values, dict) else values[step]
    values[last] = value


def remove(values: Any, key: str) -> bool:
    """Remove the value at a key. Return whether there was one."""
    path = _known(values, key)
    parent = get_at(values, path[:-1])
    try:
        del parent[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def get_at(values: Any, path: list[str | int]) -> Any:
    """Return the value at a path; None if there is none."""
    for step in path:
        try:
            values = values[step]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _known(values: Any, key: str) -> list[str | int]:
    """Return the path of a key. Keys of annotations and labels contain dots, so longer names are tried first."""
    remaining, path = key, list[str | int]()
    while remaining:
        current = get_at(values, path)
        if isinstance(current, dict):
            name = max((each for each in current if _starts(remaining, str(each))), key=len, default=None)
            if name is not None:
                path.append(name)
                remaining = remaining[len(name) :].lstrip(".")
                continue
        match = _STEP.match(remaining)
        if not match:
            break
        path.append(int(match[1]) if match[1] else match[2])
        remaining = remaining[match.end() :].lstrip(".")
    return path


def _starts(key: str, name: str) -> bool:
    return key == name or key.startswith((f"{name}.", f"{name}["))
