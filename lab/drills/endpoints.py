"""Sample the ready endpoints of a Service by zone, several times a second."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from components.inspection.client import Client, InspectionError
from lab.drills.background import Background
from lab.drills.clock import Clock
from lab.drills.model import Sample

EndpointQuery = Callable[[], Mapping[str, int]]
EVERY_SECONDS = 0.25
NO_ZONE = "no zone"
_STOP_SECONDS = 15  # the client gives up on a response after 10 s


def service_query(client: Client, namespace: str, service: str) -> EndpointQuery:
    """Return a query that counts the endpoints of a Service that accept new connections, by zone.

    The query raises InspectionError if the API server does not answer or denies access.
    """
    path = (
        f"/apis/discovery.k8s.io/v1/namespaces/{quote(namespace, safe='')}/endpointslices"
        f"?labelSelector=kubernetes.io%2Fservice-name%3D{quote(service, safe='')}"
    )

    def query() -> Mapping[str, int]:
        response = client.get_if_permitted(path)
        if response is None:
            raise InspectionError(f"no permission to list the EndpointSlices of Service {namespace}/{service}")
        return count_ready(response.get("items") or [])

    return query


def count_ready(slices: list[dict[str, Any]]) -> dict[str, int]:
    """Count ready endpoints by zone. A pod in two slices (IPv4 and IPv6, or during a rewrite) is one endpoint."""
    ready = {
        (endpoint.get("targetRef") or {}).get("uid") or endpoint["addresses"][0]: endpoint.get("zone") or NO_ZONE
        for _, endpoint in accepting(slices)
    }
    return dict(Counter(ready.values()))


def accepting(slices: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each endpoint that accepts new connections, after its slice."""
    for slice_ in slices:
        for endpoint in slice_.get("endpoints") or []:
            conditions = endpoint.get("conditions") or {}
            # The API defines an unset "ready" as ready. A Service may also publish terminating pods.
            if conditions.get("ready") is not False and not conditions.get("terminating"):
                yield slice_, endpoint


class Sampler(Background):
    """A thread that samples every ``every`` seconds from ``start()`` to ``stop()``. A failed query is a Sample of None.

    Also a context manager; ``samples`` is complete after it exits.
    """

    def __init__(self, query: EndpointQuery, clock: Clock, every: float = EVERY_SECONDS) -> None:
        self._query, self._clock, self._every = query, clock, every
        self._end = threading.Event()
        self._samples: list[Sample] = []
        self._thread = threading.Thread(target=self._run, daemon=True, name="endpoints")

    def start(self) -> None:
        """Start sampling."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sampling, after the response that is outstanding."""
        self._end.set()
        self._thread.join(_STOP_SECONDS)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Return the samples so far."""
        return tuple(self._samples)

    def _run(self) -> None:
        while True:
            began = self._clock.now()
            try:
                ready: Mapping[str, int] | None = dict(self._query())
            except Exception:  # whatever it is, the number is unknown: that is what None means
                ready = None
            # Use the time of the response: a number must not count as current before it was received.
            self._samples.append(Sample(round(self._clock.now(), 4), ready))
            if self._end.wait(max(0.0, self._every - (self._clock.now() - began))):
                return
