"""One kind of error: its id, and what the reference says about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorKind:
    """A kind of error that a user can act on."""

    id: str
    """Stable id in kebab-case, such as ``replicas-too-few``. It is also the anchor in the reference."""
    title: str
    """A few words for a heading."""
    meaning: str
    """What is wrong, and which promise would break. Complete sentences."""
    remedy: str
    """What to do about it. Imperative."""


def tagged(text: str, kind: ErrorKind) -> str:
    """Append a kind's id to a message."""
    return f"{text} [{kind.id}]"
