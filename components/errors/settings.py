"""Values, types and contradictions in a stack file or in a component's arguments."""

from __future__ import annotations

from .kind import ErrorKind  # noqa: F401
