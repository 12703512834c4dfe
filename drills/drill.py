"""What a drill is, and the scene that it acts on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drills.backend import Backend
from drills.verdict import Limits
from settings.names import ZONE_LABEL

if TYPE_CHECKING:
    from drills.ground import Ground
    from drills.session import Session

OURS, NODES, ENGINE, TRAFFIC = "ours", "nodes", "engine", "traffic"


@dataclass
class Scene:
    """The backends under load, and what may be done to them and around them."""

    backends: Sequence[Backend]
    ground: Ground
    log: Callable[[str], None]
    session: Session | None = None
    """While load is sent."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """What one step of a drill tells a later one."""
    failures: dict[str, list[str]] = field(default_factory=dict)
    """Promises broken that no figure shows, by backend."""

    @property
    def ours(self) -> list[Backend]:
        """Those that this project's component has deployed."""
        return [backend for backend in self.backends if backend.ours]

    def each(self, act: Callable[[Backend], object], backends: Sequence[Backend] | None = None) -> None:
        """Does the same to every backend at the same time. The first failure is raised when all are done."""
        chosen = list(self.backends if backends is None else backends)
        if not chosen:
            return
        with ThreadPoolExecutor(len(chosen)) as pool:
            for done in [pool.submit(act, backend) for backend in chosen]:
                done.result()

    def note(self, what: str) -> None:
        """Marks a moment in the report."""
        if self.session:
            self.session.note(what)

    def broken(self, backend: Backend, what: str) -> None:
        """A promise that no figure shows was not kept."""
        self.failures.setdefault(backend.name, []).append(what)

    @contextmanager
    def more_load(self, rates: Mapping[str, int]) -> Iterator[None]:
        """Sends that many more requests a second to these backends, on new connections, within the ``with``.

        They count as the others do: each that fails is a promise broken.
        """
        assert self.session is not None  # noqa: S101 - a drill's act runs under load
        with self.session.more(rates):
            yield

    def busiest_zone(self) -> list[str]:
        """The nodes of the zone that has most of them."""
        return max((self.nodes_in_zone_of(node.metadata.name) for node in self.ground.kube.nodes()), key=len)

    def busiest_node(self) -> str:
        """A node that pods of most backends are on."""
        counted: Counter[str] = Counter()
        for backend in self.backends:
            nodes = {pod.spec.node_name for pod in self.ground.kube.ready_pods(backend.namespace)}
            counted.update(nodes)
        return max(sorted(counted), key=lambda node: counted[node])

    def nodes_in_zone_of(self, node: str) -> list[str]:
        """That node, and those that share its zone."""
        zone = self.ground.kube.zone(node)
        return [found.metadata.name for found in self.ground.kube.nodes()
                if (found.metadata.labels or {}).get(ZONE_LABEL) == zone]

    @property
    def namespaces(self) -> list[str]:
        """Where the backends live: nothing else is touched."""
        return [backend.namespace for backend in self.backends]


def nothing(_: Scene) -> None:
    """No step."""


@dataclass(frozen=True)
class Drill:
    """One experiment: a steady state, one fault, and what is promised of it.

    ``act`` is the fault; it returns when it is over, or, where only ``heal`` ends it, when it has begun. ``prepare`` and
    ``heal`` are not measured. ``limits`` gives what is promised to a backend of ours. ``needs``: what the ground must allow.
    ``seconds``: of load after the fault began, at least; ``patience``: for full capacity after it; ``steady``: before it.
    """

    name: str
    title: str
    act: Callable[[Scene], None]
    limits: Callable[[Backend], Limits]
    promise: str
    prepare: Callable[[Scene], None] = nothing
    heal: Callable[[Scene], None] = nothing
    needs: frozenset[str] = frozenset()
    seconds: float = 42
    patience: float = 60
    steady: float = 4


def planned(backend: Backend) -> Limits:
    """A planned change loses no request, and never capacity."""
    return Limits(failed=0, least_ready=backend.full)


def planned_below(backend: Backend) -> Limits:
    """The same where a disruption budget lets one pod go at a time."""
    return Limits(failed=0, least_ready=backend.full - backend.budget)


def row(name: str) -> Callable[[Backend], Limits]:
    """What the printed promise says of a failure: how long requests may fail, when capacity is back, what is left meanwhile."""
    def limits(backend: Backend) -> Limits:
        return backend.promised(name)
    return limits
