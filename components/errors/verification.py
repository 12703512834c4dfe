"""Findings of the check at the end of an update."""

from __future__ import annotations

from .kind import ErrorKind  # noqa: F401
