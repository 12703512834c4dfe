"""The embedded cluster: its programs, its host and its nodes."""

from __future__ import annotations

from .kind import ErrorKind  # noqa: F401
