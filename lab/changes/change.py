"""A change to try: what a program and its settings are before it, and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

BACKEND, CLUSTER = "ha-backend:backend", "ha-backend:cluster"


@dataclass(frozen=True)
class Edit:
    """Another text in one file of the program's copy."""

    file: str
    before: str
    after: str


@dataclass(frozen=True)
class State:
    """All that a stack is made from: its settings, and what is edited in the copy of its program."""

    config: Mapping[str, Any]
    edits: tuple[Edit, ...] = ()

    @property
    def backend(self) -> Mapping[str, Any]:
        """The backend's settings, as they are written."""
        found: Mapping[str, Any] = self.config.get(BACKEND, {})
        return found


Make = Callable[[State], State]


@dataclass(frozen=True)
class Change:
    """One change; ``after`` is the change that must have been made before, where there is one."""

    name: str
    make: Make
    after: str = ""


def settings(patch: Mapping[str, Any], key: str = BACKEND) -> Make:
    """Settings of the backend, or of another part, put into those there are; None takes one out."""
    return lambda state: replace(state, config=patched(state.config, {key: patch}))


def whole(key: str, value: Any) -> Make:
    """One part of the settings as a whole."""
    return lambda state: replace(state, config={**state.config, key: value})


def edited(*edits: Edit) -> Make:
    """The program with these texts."""
    return lambda state: replace(state, edits=(*state.edits, *edits))


def unedited(*edits: Edit) -> Make:
    """The program with the first texts again."""
    return lambda state: replace(state, edits=tuple(edit for edit in state.edits if edit not in edits))


def both(*makes: Make) -> Make:
    """Several at once."""

    def make(state: State) -> State:
        for one in makes:
            state = one(state)
        return state

    return make


def patched(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with others put into them, group by group."""
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
