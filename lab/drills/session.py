"""Measures one drill from outside: every subject's requests and endpoints, at the same time, while something is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from types import TracebackType

from lab.drills.clock import Clock
from lab.drills.endpoints import EVERY_SECONDS, Ask, Sampler
from lab.drills.load import Load
from lab.drills.model import Connections, Moment, Recording, Stream
from lab.drills.vegeta import TIMEOUT_SECONDS, LoadError, Target


@dataclass(frozen=True)
class Subject:
    """One packaging of the backend: where its users reach it, how to ask for its ready endpoints, its pods at full capacity.

    ``rate`` is in requests a second, for each kind of connection. Without any kind only the endpoints are watched.
    """

    name: str
    url: str
    ask: Ask
    full: int
    rate: int = 100
    connections: tuple[Connections, ...] = ("new", "reused")


class Session:
    """One drill, as a context manager: entering starts load and sampling, leaving ends both; then there are ``recordings``.

    ``every``: seconds between two samples of the endpoints. ``vegeta`` may be None where no subject gets load. ``sources``:
    addresses to send from, each stream from another one.
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
        targets = [
            Target(one.name, one.url, kind, one.rate, timeout, source=next(self._sources))
            for one in subjects
            for kind in one.connections
        ]
        if targets and vegeta is None:
            raise LoadError("vegeta: None sends no load; right would be its path, or subjects without connections")
        self._vegeta, self._timeout, self._prefix, self._every = vegeta or Path("vegeta"), timeout, tuple(prefix), every
        self._load = Load(self._vegeta, targets, self._clock, prefix)
        self._further: list[Load] = []
        self._samplers = {one.name: Sampler(one.ask, self._clock, every) for one in subjects}
        self._moments: list[Moment] = []
        self._opened = ExitStack()
        self._ended = 0.0

    def note(self, what: str) -> None:
        """Something to be seen in the report that is no fault."""
        self._moments.append(Moment(self.now(), what, "note"))

    @contextmanager
    def fault(self, what: str) -> Iterator[None]:
        """Marks when the fault begins, and its end; what came before is the steady state."""
        self._moments.append(Moment(self.now(), what, "fault"))
        try:
            yield
        finally:
            self._moments.append(Moment(self.now(), f"end: {what}", "end"))

    @contextmanager
    def more(self, rates: Mapping[str, int], by: Mapping[str, str] | None = None) -> Iterator[None]:
        """Further requests on new connections, so many a second for each subject named, until the end of the ``with``.

        ``by``: other ways to them, by name. A name of none of the subjects is a stream that nobody is judged by.
        """
        urls = {**{one.name: one.url for one in self._subjects}, **(by or {})}
        targets = [
            Target(name, urls[name], "new", rate, self._timeout, source=next(self._sources))
            for name, rate in rates.items()
        ]
        load = Load(self._vegeta, targets, self._clock, self._prefix)
        self._further.append(load)
        with load:
            yield

    def ready(self, subject: str) -> int | None:
        """How many of its endpoints are ready now, as was last seen; None where nobody knows."""
        samples = self._samplers[subject].samples
        seen = samples[-1].ready if samples else None
        return None if seen is None else sum(seen.values())

    def now(self) -> float:
        """Seconds since the session was made."""
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
    def further(self) -> tuple[Stream, ...]:
        """The streams of ``more``."""
        return tuple(stream for load in self._further for stream in load.streams)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """One for each subject, in their order. Raises LoadError before the end."""
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
