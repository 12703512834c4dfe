"""Settings under which the stated failure cannot be survived, on any cluster or on this one."""

from __future__ import annotations

from .kind import ErrorKind  # noqa: F401
