"""Collects what is wrong across several settings, so that all of it is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Conflict:
    """Settings that are each right and together wrong: the key to change, what it says, what would be right, what it meets."""

    key: str
    value: Any
    text: str
    others: tuple[str, ...] = ()


class ConflictError(ValueError):
    """Carries every conflict that one group of settings has."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__("; ".join(f"{found.key}: {found.value!r} {found.text}" for found in conflicts))
        self.conflicts = conflicts
