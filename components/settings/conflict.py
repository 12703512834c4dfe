"""A contradiction between settings that are each valid on their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ErrorKind, tagged


@dataclass(frozen=True)
class Conflict:
    """A contradiction: the key to change, its value, what is wrong and how to fix it, and the other keys involved."""

    key: str
    value: Any
    text: str
    others: tuple[str, ...] = ()
    kind: ErrorKind | None = None

    @property
    def message(self) -> str:
        """The text, followed by the id of its kind."""
        return tagged(self.text, self.kind) if self.kind else self.text
