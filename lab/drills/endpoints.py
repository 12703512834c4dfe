"""Watches how many endpoints of a Service are ready, by zone, several times a second."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote

from components.inspection.client import Client, InspectionError
from lab.drills.clock import Clock
from lab.drills.model import Sample

Ask = Callable[[], Mapping[str, int]]
EVERY_SECONDS = 0.25
NO_ZONE = "no zone"
_PATIENCE_SECONDS = 15  # the client gives up on one answer after 10 s


def of_service(client: Client, namespace: str, service: str) -> Ask:
    """Asks the API server for a Service's EndpointSlices. The answer counts what takes new connections now, by zone.

    Asking raises InspectionError where the API server does not answer, or may not be asked.
    """
    path = (
        f"/apis/discovery.k8s.io/v1/namespaces/{quote(namespace, safe='')}/endpointslices"
        f"?labelSelector=kubernetes.io%2Fservice-name%3D{quote(service, safe='')}"
    )

    def ask() -> Mapping[str, int]:
        answer = client.look(path)
        if answer is None:
            raise InspectionError(f"the EndpointSlices of Service {namespace}/{service} may not be seen")
        return count(answer.get("items") or [])

    return ask


def count(slices: list[dict[str, Any]]) -> dict[str, int]:
    """Ready endpoints by zone. A pod in two slices (IPv4 and IPv6, or while they are being rewritten) is one endpoint."""
    ready = {
        (endpoint.get("targetRef") or {}).get("uid") or endpoint["addresses"][0]: endpoint.get("zone") or NO_ZONE
        for _, endpoint in taking(slices)
    }
    return dict(Counter(ready.values()))


def taking(slices: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What takes new connections: each such endpoint, after the slice that it is in."""
    for one in slices:
        for endpoint in one.get("endpoints") or []:
            conditions = endpoint.get("conditions") or {}
            # No answer about "ready" means ready, by the API's own rule; a Service may also publish pods on their way out.
            if conditions.get("ready") is not False and not conditions.get("terminating"):
                yield one, endpoint


class Sampler:
    """A thread that asks every ``every`` seconds from ``start()`` to ``stop()``. An ask that fails is a Sample of None.

    Also a context manager; ``samples`` is complete after its end.
    """

    def __init__(self, ask: Ask, clock: Clock, every: float = EVERY_SECONDS) -> None:
        self._ask, self._clock, self._every = ask, clock, every
        self._end = threading.Event()
        self._samples: list[Sample] = []
        self._thread = threading.Thread(target=self._run, daemon=True, name="endpoints")

    def start(self) -> None:
        """Begins to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it, after one more answer if one is being waited for."""
        self._end.set()
        self._thread.join(_PATIENCE_SECONDS)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What was seen up to now."""
        return tuple(self._samples)

    def __enter__(self) -> Sampler:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while True:
            began = self._clock.now()
            try:
                ready: Mapping[str, int] | None = dict(self._ask())
            except Exception:  # whatever it is, nobody knows the number now: that is what None says
                ready = None
            # The time of the answer: a number must not be believed for longer than since it was given.
            self._samples.append(Sample(round(self._clock.now(), 4), ready))
            if self._end.wait(max(0.0, self._every - (self._clock.now() - began))):
                return
