"""Several clusters behind a balancer; one of them can be cut off entirely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from lab.drills.backend import Backend
from lab.drills.endpoints import EndpointQuery
from lab.drills.multi_cluster_endpoints import CombinedEndpoints
from lab.drills.target import ClusterTraffic, Target


class TrafficBalancer(Protocol):
    """A balancer that distributes requests over the clusters."""

    def url(self, name: str) -> str:
        """Return a backend's URL."""

    def traffic(self, name: str) -> Mapping[str, ClusterTraffic]:
        """Return the requests that each cluster has received for a backend so far."""


class MultiClusterTarget(Target):
    """Clusters by name. Set ``balancer`` once the backends have addresses."""

    owned = True
    sample_seconds = 0.5
    balancer: TrafficBalancer

    def __init__(self, members: Mapping[str, Target], log: Callable[[str], None]) -> None:
        self.members, self._log = dict(members), log
        self.kube = next(iter(members.values())).kube
        self.unsupported: dict[str, str] = {}
        self.closed: list[str] = []
        self._cut_off: set[str] = set()

    @property
    def prefix(self) -> tuple[str, ...]:
        """Return a command prefix that ends the load with this process; it is sent from outside all clusters."""
        return ("setpriv", "--pdeathsig", "TERM", "--")

    @property
    def sources(self) -> Sequence[str]:
        """Return local addresses: the balancer runs on this machine."""
        return [f"127.0.1.{number}" for number in range(1, 100)]

    def parts(self, backends: Sequence[Backend]) -> Sequence[tuple[Target, Sequence[Backend]]]:
        """Return each cluster with its equal share of every backend's replicas."""
        each = [cast(Backend, _BackendShare(backend, backend.full // len(self.members))) for backend in backends]
        return [(member, each) for member in self.members.values()]

    def url(self, backend: Backend) -> str:
        """Return the balancer's URL for a backend."""
        return self.balancer.url(backend.name)

    def endpoints(self, backend: Backend) -> EndpointQuery:
        """Return a query for the endpoints of all clusters; a cluster that is cut off has none."""
        return CombinedEndpoints(
            {name: member.endpoints(backend) for name, member in self.members.items()}, self._cut_off
        )

    def cut_cluster(self, backend: Backend) -> str:
        """Cut off the cluster that receives the most requests for a backend, and return its name."""
        traffic = self.traffic(backend)
        lost = max(self.members, key=lambda name: traffic[name].weight)
        self._cut_off.add(lost)  # first: an interruption may come at any moment
        self.members[lost].cut_off()
        return lost

    def restore_clusters(self) -> None:
        """Reconnect all clusters."""
        for member in self.members.values():
            member.reconnect()
        self._cut_off.clear()

    def start_control_plane(self) -> None:
        """Start every control plane, once it can be reached."""
        self.restore_clusters()
        for member in self.members.values():
            member.start_control_plane()

    def traffic(self, backend: Backend) -> Mapping[str, ClusterTraffic]:
        """Return the traffic that the balancer has counted."""
        return self.balancer.traffic(backend.name)

    def reset_connections(self) -> None:
        """Drop stale connection tracking entries on every cluster."""
        for member in self.members.values():
            member.reset_connections()


class _BackendShare:
    """A backend's share on one of its clusters."""

    def __init__(self, backend: Backend, full: int) -> None:
        self._backend, self.full = backend, full

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
