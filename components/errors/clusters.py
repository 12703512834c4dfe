"""Clusters that cannot be reached, used or created."""

from __future__ import annotations

from .kind import ErrorKind  # noqa: F401
