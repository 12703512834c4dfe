"""The target of drills: a cluster's API, and the faults that can be injected into that kind of cluster."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from lab.drills.backend import Backend
from lab.drills.endpoints import EndpointQuery, service_query
from lab.drills.kube import DrillError, Kube
from lab.drills.pods import Pod


class UnableError(DrillError):
    """A target does not support what a drill asked for: the drill should have been skipped."""


@dataclass(frozen=True)
class ClusterTraffic:
    """Requests that a cluster has received for a backend so far, how many failed, and its weight in percent."""

    requests: int
    failed: int
    weight: int


class Target(Protocol):
    """A cluster to run drills on, or several.

    Every method that a kind of target does not support is inherited from here and raises UnableError; ``unsupported``
    names the reason.
    """

    kube: Kube
    owned: bool
    """Whether the drills own all of it: they may move pods to spread them evenly, and repair by force."""
    unsupported: Mapping[str, str]
    """Reasons, by the capability that a drill may need (``lab.drills.drill``)."""
    sample_seconds: float
    """The sampling interval of the endpoints."""
    closed: list[str]
    """Nodes that drills have cordoned and not uncordoned yet."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """Return what to put before the command that sends the load."""
        return ()

    @property
    def sources(self) -> Sequence[str]:
        """Return local addresses to send the load from; empty leaves the choice to the kernel."""
        return ()

    def parts(self, backends: Sequence[Backend]) -> Sequence[tuple[Target, Sequence[Backend]]]:
        """Return each cluster with its share of the backends."""
        return [(self, backends)]

    def url(self, backend: Backend) -> str:
        """Return the URL that users have. Raises DrillError if there is none."""
        service = self.kube.client.CoreV1Api.read_namespaced_service(
            backend.service, backend.namespace, _request_timeout=10
        )
        ingress = (service.status.load_balancer.ingress or [None])[0]
        if ingress is None:
            raise DrillError(f"Service {backend.namespace}/{backend.service} has no load balancer address")
        return f"http://{ingress.ip or ingress.hostname}:{service.spec.ports[0].port}/"

    def inside(self, backend: Backend) -> str:
        """Return the URL to send load to, if it is not the one that users have; "" otherwise."""
        return ""

    def endpoints(self, backend: Backend) -> EndpointQuery:
        """Return the query for a backend's ready endpoints."""
        return service_query(self.kube.client, backend.namespace, backend.service)

    def close_nodes(self, names: Sequence[str]) -> None:
        """Cordon nodes. A node that was cordoned before is never uncordoned."""
        for node in self.kube.nodes():
            if node.metadata.name in names and not node.spec.unschedulable:
                self.closed.append(node.metadata.name)  # first: an interruption may come at any moment
                self.kube.cordon(node.metadata.name)

    def open_nodes(self) -> None:
        """Uncordon the nodes of ``close_nodes``. Raises DrillError with those that failed for a minute."""

        def uncordon(name: str) -> bool:
            self.kube.cordon(name, closed=False)
            return True

        errors = []
        for name in list(self.closed):
            try:
                self.kube.wait_until(
                    partial(uncordon, name), 60, f"node {name} to be uncordoned: run `kubectl uncordon {name}`"
                )
            except DrillError as error:  # the other nodes must not stay cordoned because of it
                errors.append(str(error))
            else:
                self.closed.remove(name)
        if errors:
            raise DrillError("; ".join(errors))

    def kill(self, pod: Pod) -> str:
        """Kill a pod, and return how."""
        self.kube.delete_pod(pod, grace=0)
        return f"pod {pod.name} deleted with grace period 0, not SIGKILL in the container: the API server knows at once"

    def lose(self, names: list[str]) -> None:
        """Cut the power of nodes, all at once."""
        raise UnableError(f"nodes {', '.join(names)} cannot be lost on this target")

    def cut(self, names: list[str]) -> None:
        """Cut nodes off from the network; their processes keep running."""
        raise UnableError(f"nodes {', '.join(names)} cannot be cut off on this target")

    def cut_link(self) -> None:
        """Cut a site's link to everything else."""
        raise UnableError("this target has no site whose link could be cut")

    def restore_link(self) -> None:
        """Restore the site's link; do nothing if it is not cut."""
        raise UnableError("this target has no site whose link could be restored")

    def await_site(self) -> None:
        """Wait until the control plane sees the site's nodes again."""
        raise UnableError("this target has no site")

    def restore(self, names: list[str]) -> None:
        """Restore power and network of nodes, and wait until they are ready."""
        raise UnableError(f"nodes {', '.join(names)} cannot be restored on this target")

    def signal_container(self, container: str, number: signal.Signals) -> None:
        """Send a signal to a container's main process. ``container`` is its id, as in a pod's status."""
        raise UnableError(f"container {container} cannot be sent a signal on this target")

    def kill_control_plane(self, names: tuple[str, ...] = ()) -> None:
        """Kill programs of the control plane with SIGKILL; all of them by default."""
        raise UnableError(f"{', '.join(names) or 'the control plane'} cannot be killed on this target")

    def start_control_plane(self) -> None:
        """Start the control plane programs that are not running."""
        raise UnableError("the control plane cannot be started on this target")

    def cut_off(self) -> None:
        """Cut off the whole cluster, control plane and nodes; its processes keep running."""
        raise UnableError("the cluster cannot be cut off on this target")

    def reconnect(self) -> None:
        """Reconnect the cluster; do nothing if it is connected."""
        raise UnableError("the cluster cannot be reconnected on this target")

    def cut_cluster(self, backend: Backend) -> str:
        """Cut off the cluster that receives the most requests for a backend, and return its name."""
        raise UnableError(f"{backend.name}: no cluster can be cut off on this target")

    def restore_clusters(self) -> None:
        """Reconnect all clusters."""
        raise UnableError("no cluster can be restored on this target")

    def traffic(self, backend: Backend) -> Mapping[str, ClusterTraffic]:
        """Return the requests that each cluster has received from the balancer."""
        raise UnableError(f"{backend.name}: this target has no balancer over clusters")

    def reset_connections(self) -> None:
        """Drop connection state that one drill may leave for the next."""
        return


def pause(seconds: float) -> None:
    """Sleep: for experiments, in which time is part of the fault."""
    time.sleep(seconds)
