"""The times of the promise, each a sum of terms that say where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..settings import BackendSettings
from ..settings.ingress import ENDPOINT_KNOWN, notice
from ..settings.load_balancer import ENDPOINT_SYNC
from ..settings.mesh import PROXY_END, PROXY_START
from ..settings.pod_template import reader
from . import timing

_LOST = ("until a silent node counts as lost", "Kubernetes' node-monitor-grace-period since 1.32")
_SEEN = ("until Kubernetes has looked, and looked again", "twice its node-monitor-period")


@dataclass(frozen=True)
class Term:
    """A part of a time: its seconds, what happens in them, and where the number comes from."""

    seconds: int
    what: str
    source: str

    @property
    def told(self) -> str:
        """As it stands in an output, e.g. 5 s to stay ready (rollout.minReadySeconds)."""
        return f"{self.seconds} s {self.what} ({self.source})"


def total(terms: tuple[Term, ...]) -> int:
    """The seconds of all of them."""
    return sum(term.seconds for term in terms)


def start(backend: BackendSettings) -> tuple[Term, ...]:
    """Until a new pod counts."""
    sidecars = reader.start_seconds(backend.pod_template)
    before = (
        Term(backend.health.init_seconds, "for init containers to end, at the most", "health.initSeconds"),
        Term(sidecars, "for sidecars to start, at the most", "their startup probes in podTemplate"),
        Term(PROXY_START * backend.has_proxy, "for the mesh's proxy to be ready", "mesh: an allowance"),
    )
    return (
        *(term for term in before if term.seconds),
        Term(backend.health.startup_seconds, "to start, at the most", "health.startupSeconds"),
        Term(backend.rollout.min_ready_seconds, "to stay ready", "rollout.minReadySeconds"),
    )


def rollout(backend: BackendSettings) -> tuple[Term, ...]:
    """Until a release has replaced the least number of pods."""
    waves = timing.waves(backend.replicas)
    return tuple(Term(term.seconds * waves, f"{term.what}, {waves} times", term.source) for term in start(backend))


def bad_release(backend: BackendSettings) -> tuple[Term, ...]:
    """Until a release that does not come up is told."""
    waves = timing.waves(backend.max_replicas)
    return (
        Term(
            waves * timing.start(backend),
            f"for a good one to start, {waves} times",
            "health.startupSeconds, rollout.minReadySeconds",
        ),
        Term(backend.rollout.progress_deadline_seconds, "without progress", "rollout.progressDeadlineSeconds"),
        Term(timing.VERDICT, "for the engine to notice", "fixed"),
        Term(timing.REPORTING, "for it to ask the pods why, and to say so", "fixed"),
    )


def _node_lost() -> tuple[Term, ...]:
    return Term(timing.NODE_MONITOR_GRACE, *_LOST), Term(timing.NODE_MONITOR_LOOKS, *_SEEN)


def node_replaced(backend: BackendSettings) -> tuple[Term, ...]:
    """Until the pods of a lost node are there again, elsewhere."""
    if backend.edge:  # its pods stay bound to it: capacity is back with the node, and nobody knows when that is
        return ()
    return (
        *_node_lost(),
        Term(backend.placement.toleration_seconds, "until its pods are replaced", "placement.tolerationSeconds"),
        *start(backend),
    )


def zone_replaced(backend: BackendSettings, nodes: int) -> tuple[Term, ...]:
    """The same for a lost zone of so many nodes, of which Kubernetes gives up one after the other."""
    rest = Term(
        (nodes - 1) * timing.NODE_EVICTION_INTERVAL,
        f"for the other nodes of the zone, {nodes - 1} times",
        "Kubernetes' node-eviction-rate",
    )
    return (*node_replaced(backend), *([rest] if nodes > 1 and not backend.edge else []))


def pod_failing(backend: BackendSettings) -> tuple[Term, ...]:
    """How long requests still go to a pod that was killed, by the way in that notices it last."""
    known = Term(ENDPOINT_SYNC, "until every node knows of it", "fixed: kubelet, EndpointSlice, kube-proxy")
    told = Term(ENDPOINT_KNOWN, "until its endpoint is taken out", "fixed: kubelet, EndpointSlice")
    ways: list[tuple[Term, ...]] = [(told, noticed) for noticed in _noticed(backend)]
    if backend.load_balancer.enabled and backend.load_balancer.external_traffic_policy == "Local":
        # A node without a ready pod drops what it is sent: nobody tells the load balancer sooner than its own check.
        ways.insert(
            0,
            (
                known,
                Term(
                    backend.load_balancer.health_check_seconds,
                    "until the load balancer passes over its node, unless another pod is ready there",
                    "loadBalancer.healthCheckSeconds",
                ),
            ),
        )
    return max([*ways, (known,)], key=total)


def hang_failing(backend: BackendSettings) -> tuple[Term, ...]:
    """How long requests still go to a pod that takes them and answers nothing."""
    return (
        Term(timing.noticed(timing.READINESS_FAILURES), "until its readiness probe has failed twice", "fixed"),
        *pod_failing(backend),
    )


def hang_mended(backend: BackendSettings) -> tuple[Term, ...]:
    """Until a pod that hangs is started again."""
    proxy = f"{PROXY_END} for the mesh's proxy + " if backend.has_proxy else ""
    return (
        Term(timing.noticed(timing.LIVENESS_FAILURES), "until its liveness probe has failed six times", "fixed"),
        Term(
            timing.grace_period(backend),
            "to end, which it does not use",
            f"shutdown.deregistrationSeconds + shutdown.drainSeconds + {proxy}{timing.MARGIN}",
        ),
        *start(backend),
    )


def node_failing(backend: BackendSettings) -> tuple[Term, ...]:
    """How long requests still go to a lost node, by the way in that notices it last."""
    balancer = (
        Term(
            backend.load_balancer.health_check_seconds,
            "until the load balancer's health check finds it lost",
            "loadBalancer.healthCheckSeconds",
        ),
        Term(timing.SWITCH, "for the load balancer to leave it out", "fixed"),
    )
    others = (
        *_node_lost(),
        Term(ENDPOINT_SYNC, "until every other node knows of it", "fixed: EndpointSlice, kube-proxy"),
    )
    told = Term(ENDPOINT_KNOWN, "until its endpoints are taken out", "fixed: EndpointSlice")
    ways: list[tuple[Term, ...]] = [(*_node_lost(), told, noticed) for noticed in _noticed(backend)]
    if not backend.load_balancer.enabled:
        return max([others, *ways], key=total)
    if backend.load_balancer.external_traffic_policy == "Local":
        return max([balancer, *ways], key=total)
    return max([others, balancer, *ways], key=total)


def _noticed(backend: BackendSettings) -> Iterator[Term]:
    """What an Ingress controller or a Gateway takes after an endpoint is gone, each that is there."""
    for key, seconds in notice(backend.ingress, backend.route).items():
        what = "Ingress controller" if key.startswith("ingress") else "Gateway"
        yield Term(seconds, f"until the {what} sends it nothing more", key)
