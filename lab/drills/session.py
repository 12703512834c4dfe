"""Measure one drill from outside: every subject's requests and endpoints, in parallel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from types import TracebackType

from lab.drills.clock import Clock
from lab.drills.endpoints import EVERY_SECONDS, EndpointQuery, Sampler
from lab.drills.load import Load
from lab.drills.model import Connections, Moment, Recording, Stream
from lab.drills.vegeta import TIMEOUT_SECONDS, LoadError, LoadSpec


@dataclass(frozen=True)
class Subject:
    """A backend to measure: its URL, its endpoint query, its replicas at full capacity.

    ``rate`` is requests a second for each kind of connection. Without ``connections``, only endpoints are sampled.
    """

    name: str
    url: str
    query: EndpointQuery
    full: int
    rate: int = 100
    connections: tuple[Connections, ...] = ("new", "reused")


class Session:
    """A measurement as a context manager: entering starts load and sampling, leaving stops both.

    ``every`` is the sampling interval in seconds. ``vegeta`` may be None if no subject receives load. ``sources`` are
    local addresses; each stream is sent from the next one.
    """

    def __init__(
        self,
        drill: str,
        subjects: Sequence[Subject],
        vegeta: Path | None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        prefix: Sequence[str] = (),
        every: float = EVERY_SECONDS,
        sources: Sequence[str] = (),
    ) -> None:
        self._drill, self._subjects, self._clock = drill, tuple(subjects), Clock()
        self._sources = cycle(sources or [""])
        specs = [
            LoadSpec(one.name, one.url, kind, one.rate, timeout, source=next(self._sources))
            for one in subjects
            for kind in one.connections
        ]
        if specs and vegeta is None:
            raise LoadError("vegeta: None cannot send load: pass its path, or subjects without connections")
        self._vegeta, self._timeout, self._prefix, self._every = vegeta or Path("vegeta"), timeout, tuple(prefix), every
        self._load = Load(self._vegeta, specs, self._clock, prefix)
        self._extra: list[Load] = []
        self._samplers = {one.name: Sampler(one.query, self._clock, every) for one in subjects}
        self._moments: list[Moment] = []
        self._opened = ExitStack()
        self._ended = 0.0

    def note(self, text: str) -> None:
        """Record an event that is not a fault."""
        self._moments.append(Moment(self.now(), text, "note"))

    @contextmanager
    def fault(self, text: str) -> Iterator[None]:
        """Record the beginning and the end of the fault; the steady state is what came before."""
        self._moments.append(Moment(self.now(), text, "fault"))
        try:
            yield
        finally:
            self._moments.append(Moment(self.now(), f"end: {text}", "end"))

    @contextmanager
    def extra_load(self, rates: Mapping[str, int], urls: Mapping[str, str] | None = None) -> Iterator[None]:
        """Send additional requests on new connections within the ``with``, at ``rates`` requests a second by subject.

        ``urls`` overrides addresses by name. A name that is no subject is a stream that nothing is judged by.
        """
        addresses = {**{one.name: one.url for one in self._subjects}, **(urls or {})}
        specs = [
            LoadSpec(name, addresses[name], "new", rate, self._timeout, source=next(self._sources))
            for name, rate in rates.items()
        ]
        load = Load(self._vegeta, specs, self._clock, self._prefix)
        self._extra.append(load)
        with load:
            yield

    def ready(self, subject: str) -> int | None:
        """Return a subject's ready endpoints in the last sample; None if unknown."""
        samples = self._samplers[subject].samples
        ready = samples[-1].ready if samples else None
        return None if ready is None else sum(ready.values())

    def now(self) -> float:
        """Return the seconds since the session was created."""
        return round(self._clock.now(), 4)

    def __enter__(self) -> Session:
        with ExitStack() as opening:
            for sampler in self._samplers.values():
                opening.enter_context(sampler)
            opening.enter_context(self._load)
            self._opened = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = self.now()
        self._opened.close()

    @property
    def extra_streams(self) -> tuple[Stream, ...]:
        """Return the streams of ``extra_load``."""
        return tuple(stream for load in self._extra for stream in load.streams)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Return one recording for each subject, in their order. Raises LoadError before the end."""
        return tuple(
            Recording(
                self._drill,
                one.name,
                tuple(stream for stream in self._load.streams if stream.subject == one.name),
                tuple(sample for sample in self._samplers[one.name].samples if sample.at <= self._ended),
                tuple(self._moments),
                one.full,
                self._ended,
                self._every,
                bool(one.connections),
            )
            for one in self._subjects
        )
