"""The times of the promise. Each is a sum of terms, and each term names the source of its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..settings import BackendSettings, probes
from ..settings.ingress import ENDPOINT_SLICE_SECONDS, endpoint_update_seconds
from ..settings.load_balancer import KUBE_PROXY_SYNC_SECONDS
from ..settings.mesh import PROXY_START_SECONDS, PROXY_STOP_SECONDS
from ..settings.pod_template import reader
from . import timing


@dataclass(frozen=True)
class Term:
    """A part of a time: its seconds, what happens during them, and the source of the number."""

    seconds: int
    what: str
    source: str

    @property
    def text(self) -> str:
        """The term as it appears in an output, such as "5 s to stay ready (rollout.minReadySeconds)"."""
        return f"{self.seconds} s {self.what} ({self.source})"


def total(terms: tuple[Term, ...]) -> int:
    """Return the sum of the terms in seconds."""
    return sum(term.seconds for term in terms)


def _start(backend: BackendSettings) -> tuple[int, str, str]:
    seconds, key = probes.start_seconds(backend)
    return seconds, "to start, at most", key


def _first(backend: BackendSettings) -> str:
    """Return what `health.initSeconds` is for."""
    template = backend.pod_template
    found = []
    if any(each.init and not each.sidecar for each in reader.added_containers(template)):
        found.append("init containers")
    if reader.post_starts(template):
        found.append("postStart hooks")
    return " and ".join(found)


def pod_start(backend: BackendSettings) -> tuple[Term, ...]:
    """Return the time until a new pod counts as available."""
    sidecars = reader.sidecar_start_seconds(backend.pod_template)
    before = (
        Term(backend.health.init_seconds, f"for {_first(backend)} to finish, at most", "health.initSeconds"),
        Term(sidecars, "for sidecars to start, at most", "startup probes in podTemplate"),
        Term(PROXY_START_SECONDS * backend.has_proxy, "for the mesh proxy to become ready", "mesh: an allowance"),
    )
    return (
        *(term for term in before if term.seconds),
        Term(*_start(backend)),
        Term(backend.rollout.min_ready_seconds, "to stay ready", "rollout.minReadySeconds"),
    )


def rollout(backend: BackendSettings) -> tuple[Term, ...]:
    """Return the time in which a release replaces `replicas` pods."""
    waves = timing.waves(backend, backend.replicas)
    return _release_job(backend) + tuple(
        Term(term.seconds * waves, f"{term.what}, {waves} times", term.source) for term in pod_start(backend)
    )


def failed_release(backend: BackendSettings) -> tuple[Term, ...]:
    """Return the time until a release that does not become ready is reported."""
    waves = timing.waves(backend, backend.max_replicas)
    return (
        *_release_job(backend),
        Term(
            waves * timing.pod_start(backend),
            f"for a good release to start, {waves} times",
            "health.startupSeconds, rollout.minReadySeconds",
        ),
        Term(backend.rollout.progress_deadline_seconds, "without progress", "rollout.progressDeadlineSeconds"),
        Term(timing.DEADLINE_NOTICE, "for the engine to notice", "fixed"),
        Term(timing.DIAGNOSIS, "for the engine to diagnose the pods and report", "fixed"),
    )


def _release_job(backend: BackendSettings) -> tuple[Term, ...]:
    job = backend.release_job
    if job is None:
        return ()
    return (Term(job.timeout_seconds, "for the release's Job, at most", "releaseJob.timeoutSeconds"),)


def _node_detection() -> tuple[Term, ...]:
    return (
        Term(
            timing.NODE_MONITOR_GRACE,
            "until a silent node is marked as lost",
            "Kubernetes' node-monitor-grace-period since 1.32",
        ),
        Term(timing.NODE_MONITOR_ROUNDS, "for two rounds of node monitoring", "twice Kubernetes' node-monitor-period"),
    )


def node_replacement(backend: BackendSettings) -> tuple[Term, ...]:
    """Return the time until the pods of a lost node run elsewhere.

    Empty at an edge site: pods stay bound to their node, and it is unknown when the node returns.
    """
    if backend.edge:
        return ()
    return (
        *_node_detection(),
        Term(backend.placement.toleration_seconds, "until its pods are evicted", "placement.tolerationSeconds"),
        *pod_start(backend),
    )


def zone_replacement(backend: BackendSettings, nodes: int) -> tuple[Term, ...]:
    """Return the time until the pods of a lost zone run elsewhere.

    Kubernetes evicts the pods of the zone's ``nodes`` one node after the other.
    """
    rest = Term(
        (nodes - 1) * timing.NODE_EVICTION_INTERVAL,
        f"for the other nodes of the zone, {nodes - 1} times",
        "Kubernetes' node-eviction-rate",
    )
    return (*node_replacement(backend), *([rest] if nodes > 1 and not backend.edge else []))


def pod_error_window(backend: BackendSettings) -> tuple[Term, ...]:
    """Return how long requests are still routed to a killed pod, by the slowest kind of ingress."""
    all_nodes = Term(
        KUBE_PROXY_SYNC_SECONDS, "until every node stops routing to it", "fixed: kubelet, EndpointSlice, kube-proxy"
    )
    endpoint = Term(ENDPOINT_SLICE_SECONDS, "until its endpoint is removed", "fixed: kubelet, EndpointSlice")
    windows: list[tuple[Term, ...]] = [(endpoint, update) for update in _proxy_updates(backend)]
    if backend.load_balancer.enabled and backend.load_balancer.external_traffic_policy == "Local":
        # A node without a ready pod drops what it receives: only the load balancer's own check detects that.
        windows.insert(
            0,
            (
                all_nodes,
                Term(
                    backend.load_balancer.health_check_seconds,
                    "until the load balancer skips its node, unless another pod is ready there",
                    "loadBalancer.healthCheckSeconds",
                ),
            ),
        )
    return max([*windows, (all_nodes,)], key=total)


def hang_error_window(backend: BackendSettings) -> tuple[Term, ...]:
    """Return how long requests are still routed to a pod that accepts them and never responds."""
    ready = probes.readiness(backend)
    return (
        Term(ready.failure_seconds, f"until its readiness probe has failed {ready.failures}", ready.key),
        *pod_error_window(backend),
    )


def hang_restart(backend: BackendSettings) -> tuple[Term, ...]:
    """Return the time until a hung pod is restarted. Empty without a liveness probe: nothing restarts it."""
    alive = probes.liveness(backend)
    if alive is None:
        return ()
    own_grace = alive.spec.get("terminationGracePeriodSeconds")
    if own_grace is not None:
        grace = Term(
            own_grace, "of grace period, which a hung pod uses up", f"{alive.key}.terminationGracePeriodSeconds"
        )
        return (_restarted(alive), grace, *pod_start(backend))
    proxy = f"{PROXY_STOP_SECONDS} for the mesh proxy + " if backend.has_proxy else ""
    return (
        _restarted(alive),
        Term(
            timing.grace_period(backend),
            "of grace period, which a hung pod uses up",
            f"shutdown.deregistrationSeconds + shutdown.drainSeconds + {proxy}{timing.GRACE_MARGIN}",
        ),
        *pod_start(backend),
    )


def _restarted(alive: probes.Probe) -> Term:
    return Term(alive.failure_seconds, f"until its liveness probe has failed {alive.failures}", alive.key)


def node_error_window(backend: BackendSettings) -> tuple[Term, ...]:
    """Return how long requests are still routed to a lost node, by the slowest kind of ingress."""
    balancer = (
        Term(
            backend.load_balancer.health_check_seconds,
            "until the load balancer's health check fails",
            "loadBalancer.healthCheckSeconds",
        ),
        Term(timing.BALANCER_UPDATE, "for the load balancer to remove it", "fixed"),
    )
    other_nodes = (
        *_node_detection(),
        Term(KUBE_PROXY_SYNC_SECONDS, "until every other node stops routing to it", "fixed: EndpointSlice, kube-proxy"),
    )
    endpoints = Term(ENDPOINT_SLICE_SECONDS, "until its endpoints are removed", "fixed: EndpointSlice")
    windows: list[tuple[Term, ...]] = [(*_node_detection(), endpoints, update) for update in _proxy_updates(backend)]
    if not backend.load_balancer.enabled:
        return max([other_nodes, *windows], key=total)
    if backend.load_balancer.external_traffic_policy == "Local":
        return max([balancer, *windows], key=total)
    return max([other_nodes, balancer, *windows], key=total)


def _proxy_updates(backend: BackendSettings) -> Iterator[Term]:
    """Yield how long each Ingress controller and Gateway keeps routing after an endpoint is removed."""
    for key, seconds in endpoint_update_seconds(backend.ingress, backend.route).items():
        proxy = "Ingress controller" if key.startswith("ingress") else "Gateway"
        yield Term(seconds, f"until the {proxy} stops routing to it", key)
