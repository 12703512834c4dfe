"""A change to try: the program and its settings before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lab.overrides import Edit

BACKEND, CLUSTER = "ha-backend:backend", "ha-backend:cluster"


@dataclass(frozen=True)
class State:
    """Everything that a stack is made from: its settings, and the edits in the copy of its program."""

    config: Mapping[str, Any]
    edits: tuple[Edit, ...] = ()

    @property
    def backend(self) -> Mapping[str, Any]:
        """Return the backend's settings as written."""
        settings: Mapping[str, Any] = self.config.get(BACKEND, {})
        return settings


Make = Callable[[State], State]


@dataclass(frozen=True)
class Change:
    """A change. ``after`` names the change that must have been made before; empty if there is none."""

    name: str
    make: Make
    after: str = ""


def settings(patch: Mapping[str, Any], key: str = BACKEND) -> Make:
    """Merge settings into those of the backend, or of another key; None removes a setting."""
    return lambda state: replace(state, config=patched(state.config, {key: patch}))


def replaced(key: str, value: Any) -> Make:
    """Replace the value of a configuration key."""
    return lambda state: replace(state, config={**state.config, key: value})


def edited(*edits: Edit) -> Make:
    """Apply edits to the program."""
    return lambda state: replace(state, edits=(*state.edits, *edits))


def unedited(*edits: Edit) -> Make:
    """Remove edits from the program."""
    return lambda state: replace(state, edits=tuple(edit for edit in state.edits if edit not in edits))


def patched(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with others merged into them, group by group; None removes a setting."""
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            before = result.get(key)
            result[key] = patched(before if isinstance(before, Mapping) else {}, value)
        else:
            result[key] = value
    return result
