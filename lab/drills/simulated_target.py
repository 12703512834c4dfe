"""An embedded cluster with many simulated nodes: kwok acts as nodes and pods, the control plane is real.

Simulated pods answer no requests, so availability is measured by ready endpoints alone.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.kwok_config import POWER_LABEL, POWER_ON
from components.inspection.client import Client
from lab.drills import control_programs
from lab.drills.drill import CLUSTERS, CONTAINERS, NETWORK, SITE_LINK, TRAFFIC
from lab.drills.kube import Kube
from lab.drills.target import Target

_WORKERS = 8
_READY_SECONDS = 120


class SimulatedTarget(Target):
    """An embedded cluster whose simulated nodes can be lost.

    The endpoints are listed once a second: a list of a thousand is 300 kB. A watch would transfer more, because every
    change sends a whole slice, and silence would not show that the API server still answers.
    """

    owned = True
    sample_seconds = 1.0

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None]) -> None:
        if cluster.real_nodes or not cluster.losable:
            raise TypeError("SimulatedTarget needs simulated nodes that can be lost")
        self.cluster, self._log = cluster, log
        self.kube = Kube(Client(cluster.kubeconfig.read_text()))
        self.closed: list[str] = []
        self.unsupported = {
            TRAFFIC: "simulated pods answer no requests",
            CONTAINERS: "simulated pods have no processes",
            NETWORK: "simulated nodes have no network",
            SITE_LINK: "simulated nodes have no network",
            CLUSTERS: "it needs two clusters",
        }

    def lose(self, names: list[str]) -> None:
        """Stop renewing the leases of nodes and updating their pods."""
        self._power(names, None)

    def restore(self, names: list[str]) -> None:
        """Resume nodes, and wait until they are ready."""
        self._power(names, POWER_ON)
        self.kube.wait_for_nodes(names, _READY_SECONDS)

    def kill_control_plane(self, names: tuple[str, ...] = control_programs.ALL) -> None:
        """Kill programs of the control plane with SIGKILL; kwok, which acts as the nodes, keeps running."""
        control_programs.kill(self.cluster, names)

    def start_control_plane(self) -> None:
        """Start the control plane programs that are not running."""
        self.cluster.start()

    def _power(self, names: list[str], value: str | None) -> None:
        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(lambda name: self.kube.label_node(name, POWER_LABEL, value), names))
