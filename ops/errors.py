"""The base class of every error of the commands that a user can act on."""

from __future__ import annotations

from components.errors import ErrorKind, tagged


class UserError(Exception):
    """An error that a user can act on: a message without a traceback. Its text ends with the id of its kind."""

    def __init__(self, text: str, kind: ErrorKind) -> None:
        super().__init__(tagged(text, kind))
        self.text, self.kind = text, kind
