"""The finding for an object that does not exist."""

from __future__ import annotations

from ...errors import tagged
from ...errors.verification import OBJECT_MISSING

REFRESH = "restore it with a refresh (make up ARGS=--refresh, or pulumi up --refresh)"


def missing(kind: str, name: str) -> str:
    """Return the finding for an object of a kind."""
    return tagged(f"{kind} {name} does not exist: {REFRESH}", OBJECT_MISSING)
