"""A contradiction between settings that are each valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import ErrorKind, tagged


@dataclass(frozen=True)
class Conflict:
    """A contradiction between settings.

    ``key`` and ``value``: the setting to change. ``text``: what is wrong and what to do instead. ``others``: the keys
    of the other settings involved; if one of them is invalid itself, the conflict is not reported.
    """

    key: str
    value: Any
    text: str
    others: tuple[str, ...] = ()
    kind: ErrorKind = field(kw_only=True)

    @property
    def message(self) -> str:
        """The text, followed by the id of its kind."""
        return tagged(self.text, self.kind)
