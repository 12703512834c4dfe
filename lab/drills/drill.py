"""The definition of a drill, and the context that it acts on."""

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
    from lab.drills.target import Target

# Capabilities of a target that a drill may need.
TRAFFIC = "traffic"  # pods answer requests, and sending them is allowed
REDEPLOY = "redeploy"  # the backend can be deployed with other settings
ENGINE = "engine"  # deployments run through pulumi
NODES = "nodes"  # nodes can be cordoned and drained
POWER = "power"  # nodes can lose their power, and get it back
NETWORK = "network"  # nodes can be cut off from the network
SITE_LINK = "site link"  # a site's link to the control plane can be cut, and load is sent from the site
CONTAINERS = "containers"  # pods run real processes, which take signals
PROXY = "proxy"  # Envoy is installed
CONTROL_PLANE = "control plane"  # its programs can be killed and started
CLUSTERS = "clusters"  # there are several clusters, and one can be cut off entirely

_ROUND_SECONDS = 5


@dataclass
class DrillContext:
    """The backends under load, and what a drill may do to them and to their target."""

    backends: Sequence[Backend]
    target: Target
    log: Callable[[str], None]
    session: Session | None = None
    """The measurement; set while load is sent."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Values that one step of a drill passes to a later one."""
    violations: dict[str, list[str]] = field(default_factory=dict)
    """Broken promises that no figure shows, by backend."""

    @property
    def under_test(self) -> list[Backend]:
        """Return the backends whose promise is verified."""
        return [backend for backend in self.backends if backend.under_test]

    def each(self, act: Callable[[Backend], object], backends: Sequence[Backend] | None = None) -> None:
        """Call a function for every backend in parallel, and raise the first error after all have ended."""
        chosen = list(self.backends if backends is None else backends)
        if not chosen:
            return
        with ThreadPoolExecutor(len(chosen)) as pool:
            for future in [pool.submit(act, backend) for backend in chosen]:
                future.result()

    def note(self, text: str) -> None:
        """Mark a moment in the report."""
        if self.session:
            self.session.note(text)

    def violated(self, backend: Backend, text: str) -> None:
        """Record a broken promise that no figure shows."""
        self.violations.setdefault(backend.name, []).append(text)

    @contextmanager
    def extra_load(self, rates: Mapping[str, int], urls: Mapping[str, str] | None = None) -> Iterator[None]:
        """Send additional requests on new connections within the ``with``, at ``rates`` requests a second by backend.

        They count like all others: each failed request breaks the promise. ``urls`` is passed to
        ``Session.extra_load``.
        """
        assert self.session is not None  # noqa: S101 - a drill acts under load
        with self.session.extra_load(rates, urls):
            yield

    def busiest_zone(self) -> list[str]:
        """Return the nodes of the largest zone."""
        return max((self.nodes_in_same_zone(node.metadata.name) for node in self.target.kube.nodes()), key=len)

    def busiest_node(self) -> str:
        """Return the node that runs pods of the most backends."""
        return self.busiest_nodes(1)[0]

    def busiest_nodes(self, number: int) -> list[str]:
        """Return up to ``number`` nodes that run pods of the most backends, never every schedulable node.

        Each is in a zone of its own as long as there are enough zones.
        """
        parse_traffic: Counter[str] = Counter()
        for backend in self.backends:
            parse_traffic.update({pod.node for pod in self.ready_pods(backend)})
        zones = {node: self.target.kube.zone(node) for node in parse_traffic}
        # Take the first node of each zone before the second node of any.
        ranked = sorted(parse_traffic, key=lambda node: (-parse_traffic[node], node))
        place = {node: [other for other in ranked if zones[other] == zones[node]].index(node) for node in ranked}
        ranked.sort(key=lambda node: place[node])
        return ranked[: max(1, min(number, len(self.target.kube.ready_nodes()) - 1))]

    def ready_pods(self, backend: Backend) -> list[Pod]:
        """Return a backend's ready pods, oldest first, and no other pod of its namespace."""
        return self.target.kube.ready_pods(backend.namespace, backend.selector)

    def drain(self, nodes: list[str], seconds: float) -> None:
        """Cordon nodes and evict the backends' pods from them. Raises DrillError if pods are left after ``seconds``.

        The limit grows with the rounds that the disruption budget needs: each evicted pod is replaced first.
        """
        self.target.close_nodes(nodes)
        rounds = max(backend.full / max(1, backend.max_unavailable) for backend in self.backends)
        selections = [(backend.namespace, backend.selector) for backend in self.backends]
        self.target.kube.evict(nodes, selections, seconds + rounds * _ROUND_SECONDS)

    def nodes_in_same_zone(self, node: str) -> list[str]:
        """Return the nodes that share a node's zone, itself included."""
        zone = self.target.kube.zone(node)
        return [
            other.metadata.name
            for other in self.target.kube.nodes()
            if (other.metadata.labels or {}).get(ZONE_LABEL) == zone
        ]


def no_step(_: DrillContext) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Drill:
    """An experiment: a steady state, one fault, and what the backend promises for it.

    - ``act`` injects the fault. It returns when the fault is over or, if only ``restore`` ends it, when it has begun.
    - ``prepare`` and ``restore`` are not measured.
    - ``limits`` returns what a verified backend promises; ``promise`` says it in words.
    - ``needs`` names the capabilities that the target must have.
    - ``seconds`` is the minimum time of load after the fault begins; ``steady_seconds`` is the time of load before it.
    - ``recovery_timeout`` is how many seconds to wait for full capacity.
    - ``unknown_seconds`` is how long the number of ready endpoints may be unknown.
    - ``starts_scaled_out``: the drill begins with extra replicas, and full capacity is the default number.
    """

    name: str
    title: str
    act: Callable[[DrillContext], None]
    limits: Callable[[Backend], Limits]
    promise: str
    prepare: Callable[[DrillContext], None] = no_step
    restore: Callable[[DrillContext], None] = no_step
    needs: frozenset[str] = frozenset()
    seconds: float = 42
    recovery_timeout: float = 60
    steady_seconds: float = 4
    unknown_seconds: float = 2
    starts_scaled_out: bool = False

    def full(self, backend: Backend) -> int:
        """Return the replicas at full capacity."""
        return backend.default_replicas if self.starts_scaled_out else backend.full

    def unsupported_reason(self, target: Target) -> str | None:
        """Return why the drill cannot run on a target; None if it can."""
        return next((reason for need, reason in target.unsupported.items() if need in self.needs), None)


def planned(backend: Backend) -> Limits:
    """Return the limits of a planned change: no failed request, never less capacity."""
    return Limits(failed=0, least_ready=backend.full)


def planned_eviction(backend: Backend) -> Limits:
    """Return the limits of an eviction: no failed request, and at most one disruption budget below full capacity.

    Without a disruption budget, no capacity is promised.
    """
    return Limits(failed=0, least_ready=(backend.full - backend.max_unavailable) or None)


def never_below_default(backend: Backend) -> Limits:
    """Return the limits of a drill that starts scaled out: no failed request, never below the default replicas."""
    return Limits(failed=0, least_ready=backend.default_replicas)


def promise_row(failure: str) -> Callable[[Backend], Limits]:
    """Return the limits of one failure in the printed promise: error window, recovery time, remaining capacity."""

    def limits(backend: Backend) -> Limits:
        return backend.promised(failure)

    return limits
