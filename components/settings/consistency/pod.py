"""Rules about a pod's resources."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ..backend import BackendSettings
from ..conflict import Conflict
from ..quantity import amount


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield requests above their limits."""
    for key in ("cpu", "memory"):
        request, limit = (getattr(part, key) for part in (backend.resources.requests, backend.resources.limits))
        if limit is not None and amount(request) > amount(limit):
            yield Conflict(
                f"resources.requests.{key}",
                request,
                f"is above resources.limits.{key} ({limit}): lower the request, or raise the limit",
                (f"resources.limits.{key}",),
                kind=contradictions.REQUEST_ABOVE_LIMIT,
            )
