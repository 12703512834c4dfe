"""Ready endpoints on several clusters. A cluster that is cut off counts as one without endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from components.inspection.client import InspectionError
from lab.drills.endpoints import EndpointQuery

TIMEOUT_SECONDS, MAX_AGE_SECONDS = 0.5, 2.0


class CombinedEndpoints:
    """Query all clusters in parallel, with a short timeout: a query may hang when a network is cut.

    ``cut_off`` holds the clusters that are cut off. The last response of every other cluster counts for
    ``MAX_AGE_SECONDS``; after that, calling raises InspectionError.
    """

    def __init__(
        self,
        queries: Mapping[str, EndpointQuery],
        cut_off: Collection[str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queries, self._cut_off, self._now = dict(queries), cut_off, now
        self._pool = ThreadPoolExecutor(max(1, len(queries)), thread_name_prefix="endpoints")
        self._pending: dict[str, tuple[float, Future[Mapping[str, int]]]] = {}
        self._last: dict[str, tuple[float, Mapping[str, int]]] = {}

    def __call__(self) -> Mapping[str, int]:
        """Return ready endpoints by cluster and zone."""
        for name, query in self._queries.items():
            if name not in self._pending:
                self._pending[name] = (self._now(), self._pool.submit(query))
        wait([future for _, future in self._pending.values()], TIMEOUT_SECONDS)
        for name, (at, future) in list(self._pending.items()):
            if future.done():
                del self._pending[name]
                if future.exception() is None:
                    self._last[name] = (at, future.result())
        result: dict[str, int] = {}
        for name in self._queries:
            if name in self._cut_off:
                self._last.pop(name, None)  # an earlier response says nothing about its state after its return
                continue
            at, ready = self._last.get(name, (float("-inf"), {}))
            if self._now() - at > MAX_AGE_SECONDS:
                raise InspectionError(f"cluster {name} does not report its ready endpoints")
            result |= {f"{name}, {zone}": count for zone, count in ready.items()}
        return result
