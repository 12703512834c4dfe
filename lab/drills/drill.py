"""What a drill is, and the scene that it acts on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.settings.well_known import ZONE_LABEL
from lab.drills.backend import Backend
from lab.drills.verdict import Limits

if TYPE_CHECKING:
    from lab.drills.pods import Pod
    from lab.drills.session import Session
    from lab.drills.target import Ground

# What a drill may need of the ground that it takes place on.
TRAFFIC = "traffic"  # requests are answered, and may be sent
OWNER = "owner"  # the backend can be deployed with other settings
ENGINE = "engine"  # and that by pulumi
NODES = "nodes"  # nodes can be closed to new pods, and drained
POWER = "power"  # nodes can be lost, and come back
CABLES = "cables"  # nodes can be cut off from the network
LINK = "link"  # a site's link to the control plane can be cut, and load is sent from the site
CONTAINERS = "containers"  # pods run real programs, that can be sent signals
PROXY = "proxy"  # an Envoy is here
CONTROL_PLANE = "control plane"  # its programs can be ended and started
CLUSTERS = "clusters"  # there are several, and one can be cut off whole

_ROUND_SECONDS = 5


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
    def more_load(self, rates: Mapping[str, int], by: Mapping[str, str] | None = None) -> Iterator[None]:
        """Sends that many more requests a second to these backends, on new connections, within the ``with``.

        They count as the others do: each that fails is a promise broken. ``by``: as in ``Session.more``.
        """
        assert self.session is not None  # noqa: S101 - a drill's act runs under load
        with self.session.more(rates, by):
            yield

    def busiest_zone(self) -> list[str]:
        """The nodes of the zone that has most of them."""
        return max((self.nodes_in_zone_of(node.metadata.name) for node in self.ground.kube.nodes()), key=len)

    def busiest_node(self) -> str:
        """A node that pods of most backends are on."""
        return self.busiest_nodes(1)[0]

    def busiest_nodes(self, number: int) -> list[str]:
        """So many of those, each in another zone where there are as many; never all that take pods."""
        counted: Counter[str] = Counter()
        for backend in self.backends:
            counted.update({pod.node for pod in self.ready_pods(backend)})
        zones = {node: self.ground.kube.zone(node) for node in counted}
        # The first of each zone before the second of any.
        ranked = sorted(counted, key=lambda node: (-counted[node], node))
        place = {node: [other for other in ranked if zones[other] == zones[node]].index(node) for node in ranked}
        ranked.sort(key=lambda node: place[node])
        return ranked[: max(1, min(number, len(self.ground.kube.ready_nodes()) - 1))]

    def ready_pods(self, backend: Backend) -> list[Pod]:
        """A backend's ready pods, oldest first; no other pod of its namespace."""
        return self.ground.kube.ready_pods(backend.namespace, backend.selector)

    def drain(self, nodes: list[str], seconds: float) -> None:
        """Closes nodes and evicts the backends' pods from them. Raises DrillError when pods are left after that time.

        Where there are many pods it may take longer: so many times as the budget lets some go, and each is replaced meanwhile.
        """
        self.ground.close_nodes(nodes)
        rounds = max(backend.full / max(1, backend.budget) for backend in self.backends)
        selections = [(backend.namespace, backend.selector) for backend in self.backends]
        self.ground.kube.evict(nodes, selections, seconds + rounds * _ROUND_SECONDS)

    def nodes_in_zone_of(self, node: str) -> list[str]:
        """That node, and those that share its zone."""
        zone = self.ground.kube.zone(node)
        return [
            found.metadata.name
            for found in self.ground.kube.nodes()
            if (found.metadata.labels or {}).get(ZONE_LABEL) == zone
        ]


def nothing(_: Scene) -> None:
    """No step."""


@dataclass(frozen=True)
class Drill:
    """One experiment: a steady state, one fault, and what is promised of it.

    ``act`` is the fault; it returns when it is over, or, where only ``heal`` ends it, when it has begun. ``prepare`` and
    ``heal`` are not measured. ``limits`` gives what is promised to a backend of ours. ``needs``: what the ground must allow.
    ``seconds``: of load after the fault began, at least; ``patience``: for full capacity after it; ``steady``: before it.
    ``unknown_seconds``: in which nobody needs to know the ready endpoints. ``from_more``: it begins with more pods than the
    backend's owner usually wants, and full capacity is that usual number.
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
    unknown_seconds: float = 2
    from_more: bool = False

    def full(self, backend: Backend) -> int:
        """The pods at full capacity."""
        return backend.usual if self.from_more else backend.full

    def lacks(self, ground: Ground) -> str | None:
        """Why it cannot take place on a ground; None where it can."""
        return next((why for need, why in ground.cannot.items() if need in self.needs), None)


def planned(backend: Backend) -> Limits:
    """A planned change loses no request, and never capacity."""
    return Limits(failed=0, least_ready=backend.full)


def planned_below(backend: Backend) -> Limits:
    """The same where a disruption budget lets some pods go at a time; where none does, no number is promised."""
    return Limits(failed=0, least_ready=(backend.full - backend.budget) or None)


def never_below_usual(backend: Backend) -> Limits:
    """The same where a drill begins with more pods than its owner usually wants."""
    return Limits(failed=0, least_ready=backend.usual)


def row(name: str) -> Callable[[Backend], Limits]:
    """What the printed promise says of a failure: how long requests may fail, when capacity is back, what is left meanwhile."""

    def limits(backend: Backend) -> Limits:
        return backend.promised(name)

    return limits
