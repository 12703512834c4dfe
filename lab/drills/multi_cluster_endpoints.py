"""Ready endpoints on several clusters, one of which may be cut off: then it has none, for nobody reaches them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from components.inspection.client import InspectionError
from lab.drills.endpoints import Ask

PATIENCE_SECONDS, BELIEVED_SECONDS = 0.5, 2.0


class Together:
    """Asks all of them at once, and waits for none for long: a question may hang where a cable was pulled.

    ``gone``: those that are cut off at the moment. What another one has said is believed for ``BELIEVED_SECONDS``; later,
    nobody knows the number: asking raises InspectionError.
    """

    def __init__(
        self, asks: Mapping[str, Ask], gone: Collection[str], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._asks, self._gone, self._now = dict(asks), gone, now
        self._pool = ThreadPoolExecutor(max(1, len(asks)), thread_name_prefix="endpoints")
        self._asked: dict[str, tuple[float, Future[Mapping[str, int]]]] = {}
        self._said: dict[str, tuple[float, Mapping[str, int]]] = {}

    def __call__(self) -> Mapping[str, int]:
        """By cluster and zone."""
        for name, ask in self._asks.items():
            if name not in self._asked:
                self._asked[name] = (self._now(), self._pool.submit(ask))
        wait([future for _, future in self._asked.values()], PATIENCE_SECONDS)
        for name, (at, future) in list(self._asked.items()):
            if future.done():
                del self._asked[name]
                if future.exception() is None:
                    self._said[name] = (at, future.result())
        found: dict[str, int] = {}
        for name in self._asks:
            if name in self._gone:
                self._said.pop(name, None)  # what it said before is not what it has after its return
                continue
            at, ready = self._said.get(name, (float("-inf"), {}))
            if self._now() - at > BELIEVED_SECONDS:
                raise InspectionError(f"cluster {name} does not say how many endpoints are ready")
            found |= {f"{name}, {zone}": count for zone, count in ready.items()}
        return found
