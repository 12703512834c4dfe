"""The kinds of failure that a client sees. The raw messages contain ports and addresses, so no two are equal."""

from __future__ import annotations

import re

TIMEOUT = "timeout"
# As Go's net/http and Linux word them; the first match names the kind.
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
    ("malformed http", "malformed response"),
    ("unexpected eof", "EOF"),
)
_CLIENT = "client: "


def classify(code: int, text: str) -> str:
    """Return the kind of a failure; "" if the request succeeded.

    ``code`` is the HTTP status, 0 without a response. ``text`` is the error as vegeta writes it.
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
    return text.rsplit(": ", 1)[-1][:60] or "no response"


def is_client_error(name: str) -> bool:
    """Report whether a kind is a fault of the measuring machine, which says nothing about the backend."""
    return name.startswith(_CLIENT)
