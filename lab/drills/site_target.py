"""An embedded cluster with real nodes, some of which form an edge site whose link to everything else can be cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import links
from components.devcluster.nodes.layout import in_namespace
from lab.drills.backend import Backend
from lab.drills.endpoints import EndpointQuery
from lab.drills.kube import DrillError
from lab.drills.real_target import RealTarget

_READY_SECONDS = 120


class SiteTarget(RealTarget):
    """A target whose load is sent from the site's first node to cluster addresses, as by clients at the site."""

    owned = False  # pods that are all in the site's one zone are not an imbalance

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None], site: Sequence[str]) -> None:
        super().__init__(cluster, log)
        self.site, self._connected = tuple(site), True

    @property
    def prefix(self) -> tuple[str, ...]:
        """Return the prefix that enters the network namespace of the site's first node."""
        return in_namespace(self.node(self.site[0]).namespace)

    @property
    def sources(self) -> Sequence[str]:
        """Return no addresses: the node has one, and the kernel finds the ports."""
        return ()

    def inside(self, backend: Backend) -> str:
        """Return the Service's cluster address: its external address is unreachable while the link is cut."""
        service = self.kube.client.CoreV1Api.read_namespaced_service(
            backend.service, backend.namespace, _request_timeout=10
        )
        return f"http://{service.spec.cluster_ip}:{service.spec.ports[0].port}/"

    def endpoints(self, backend: Backend) -> EndpointQuery:
        """Return a query that fails while the link is cut: what the control plane reports of the site is a guess."""
        query = super().endpoints(backend)

        def query_if_connected() -> Mapping[str, int]:
            if not self._connected:
                raise DrillError("the control plane cannot reach the site")
            return query()

        return query_if_connected

    def cut_link(self) -> None:
        """Cut the site's nodes off from the control plane, all other nodes and the load balancer."""
        self._connected = False
        links.disconnect_site(self._fleet.layout, [self.node(name) for name in self.site])

    def restore_link(self) -> None:
        """Restore the link; do nothing if it is not cut."""
        links.reconnect_site(self._fleet.layout)

    def await_site(self) -> None:
        """Wait until the control plane sees the site's nodes again. Raises DrillError."""
        self.kube.wait_for_nodes(self.site, _READY_SECONDS)
        self._connected = True
