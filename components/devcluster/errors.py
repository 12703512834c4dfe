"""The errors of the embedded cluster that a user can act on."""

from __future__ import annotations

from ..errors import ErrorKind, tagged


class DevClusterError(Exception):
    """A problem with the embedded cluster. The message states what is wrong, what to do, and the id of its kind."""

    def __init__(self, text: str, kind: ErrorKind | None = None) -> None:
        self.text = text
        """The message without the id."""
        self.kind = kind
        """The kind of the error, with a section in the reference of errors."""
        super().__init__(tagged(text, kind) if kind else text)


class RetryableStartError(DevClusterError):
    """A start that failed because of other activity on this machine, such as a port taken meanwhile.

    Another start may succeed.
    """
