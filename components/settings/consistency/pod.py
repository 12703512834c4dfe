"""Rules about a pod's resources and probes."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ..backend import BackendSettings
from ..conflict import Conflict
from ..quantity import amount


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield requests above their limits, and probes that share a path."""
    for key in ("cpu", "memory"):
        request, limit = (getattr(part, key) for part in (backend.resources.requests, backend.resources.limits))
        if amount(request) > amount(limit):
            yield Conflict(
                f"resources.requests.{key}",
                request,
                f"is above resources.limits.{key} ({limit}): lower the request, or raise the limit",
                (f"resources.limits.{key}",),
                kind=contradictions.REQUEST_ABOVE_LIMIT,
            )
    if backend.health.readiness_path == backend.health.liveness_path:
        yield Conflict(
            "health.livenessPath",
            backend.health.liveness_path,
            "is also health.readinessPath, and a pod that is only not ready must not be restarted: use another path",
            ("health.readinessPath",),
            kind=contradictions.SHARED_PROBE_PATH,
        )
