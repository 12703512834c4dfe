"""A contradiction between settings, in the form in which every rule tells it."""

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
