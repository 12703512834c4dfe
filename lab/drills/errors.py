"""The kinds of failure that a client sees. The raw texts carry ports and addresses: no two would be alike."""

from __future__ import annotations

import re

TIMEOUT = "timeout"
# As Go's net/http and Linux word them; the first that fits names the kind.
_KINDS = (
    ("too many open files", "client: too many open files"),
    ("cannot assign requested address", "client: out of local ports"),
    ("connection refused", "connection refused"),
    ("connection reset", "connection reset"),
    ("broken pipe", "connection reset"),
    ("server closed idle connection", "connection reset"),
    ("no route to host", "no route to host"),
    ("network is unreachable", "no route to host"),
    ("no such host", "name not found"),
    ("deadline exceeded", TIMEOUT),
    ("client.timeout", TIMEOUT),
    ("i/o timeout", TIMEOUT),
    ("timed out", TIMEOUT),
    ("timeout awaiting", TIMEOUT),
    ("malformed http", "malformed answer"),
    ("unexpected eof", "EOF"),
)
_OWN = "client: "


def kind(code: int, text: str) -> str:
    """The kind of one failure; empty where there was none.

    ``code`` is the HTTP status, 0 without an answer, ``text`` the error as vegeta writes it.
    """
    if 200 <= code < 400 and not text:
        return ""
    if code:
        return str(code)
    lower = text.lower()
    for part, name in _KINDS:
        if part in lower:
            return name
    if re.search(r"\beof$", lower):
        return "EOF"
    return text.rsplit(": ", 1)[-1][:60] or "no answer"


def is_own(name: str) -> bool:
    """Whether a kind is the measuring machine's own lack, which says nothing about the backend."""
    return name.startswith(_OWN)
