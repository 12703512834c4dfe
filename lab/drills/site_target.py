"""Real nodes, a few of which are a site: its clients are there, and its link to everything else can be cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import network
from components.devcluster.nodes.layout import entering
from lab.drills.backend import Backend
from lab.drills.endpoints import Ask
from lab.drills.kube import DrillError
from lab.drills.real_target import RealGround

_BACK_SECONDS = 120


class SiteGround(RealGround):
    """The load is sent from the first of the site's nodes, to the cluster addresses of Services: as by clients at the site."""

    owned = False  # pods that are all in the site's one zone are not crowded

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None], site: Sequence[str]) -> None:
        super().__init__(cluster, log)
        self.site, self._seen = tuple(site), True

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before the command that sends the load."""
        return entering(self.node(self.site[0]).namespace)

    @property
    def sources(self) -> Sequence[str]:
        """The node has one address, and the kernel finds the ports."""
        return ()

    def inside(self, backend: Backend) -> str:
        """The Service's cluster address: what is outside is out of reach while the link is cut."""
        found = self.kube.client.CoreV1Api.read_namespaced_service(
            backend.service, backend.namespace, _request_timeout=10
        )
        return f"http://{found.spec.cluster_ip}:{found.spec.ports[0].port}/"

    def endpoints(self, backend: Backend) -> Ask:
        """Nothing while the control plane does not see the site: what it says of pods there is a guess."""
        ask = super().endpoints(backend)

        def asked() -> Mapping[str, int]:
            if not self._seen:
                raise DrillError("the control plane does not see the site")
            return ask()

        return asked

    def cut_link(self) -> None:
        """The site's nodes see one another and nothing else: not the control plane, no other node, no load balancer."""
        self._seen = False
        network.part(self._fleet.layout, [self.node(name) for name in self.site])

    def mend_link(self) -> None:
        """The link is back; nothing happens where it was not cut."""
        network.join(self._fleet.layout)

    def await_site(self) -> None:
        """Returns when the control plane sees the site's nodes again. Raises DrillError."""
        self.kube.until_ready(self.site, _BACK_SECONDS)
        self._seen = True
