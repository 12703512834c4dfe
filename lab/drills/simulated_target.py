"""Simulated nodes, many of them: kwok answers for nodes and pods, everything that decides about them is real.

No request is ever answered here, so that only ready endpoints tell of availability.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.kwok_config import POWER_LABEL, POWER_ON
from components.inspection.client import Client
from lab.drills import control_programs
from lab.drills.drill import CABLES, CLUSTERS, CONTAINERS, LINK, TRAFFIC
from lab.drills.kube import Kube
from lab.drills.target import Ground

_AT_ONCE = 8
_BACK_SECONDS = 120


class SimulatedGround(Ground):
    """An embedded cluster whose simulated nodes can be lost.

    The endpoints are asked for once a second. A list of a thousand is 300 kB, which a second can bear; to watch them would be
    more, because every change brings all of a slice, and silence would not tell that somebody still answers.
    """

    owned = True
    sample_seconds = 1.0

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None]) -> None:
        if cluster.real or not cluster.losable:
            raise TypeError("this ground has simulated nodes that can be lost")
        self.cluster, self._log = cluster, log
        self.kube = Kube(Client(cluster.kubeconfig.read_text()))
        self.closed: list[str] = []
        self.cannot = {
            TRAFFIC: "simulated pods answer no request",
            CONTAINERS: "simulated pods have no processes",
            CABLES: "simulated nodes have no network",
            LINK: "simulated nodes have no network",
            CLUSTERS: "it takes two clusters",
        }

    def lose(self, names: list[str]) -> None:
        """Their leases are not renewed any more, and nobody speaks for their pods."""
        self._power(names, None)

    def restore(self, names: list[str]) -> None:
        """Returns when the nodes are ready."""
        self._power(names, POWER_ON)
        self.kube.until_ready(names, _BACK_SECONDS)

    def kill_control_plane(self, names: tuple[str, ...] = control_programs.ALL) -> None:
        """Ends programs of the control plane without a word; kwok, which is the nodes, lives on."""
        control_programs.kill(self.cluster, names)

    def start_control_plane(self) -> None:
        """Starts what of it does not run."""
        self.cluster.start()

    def _power(self, names: list[str], value: str | None) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda name: self.kube.label_node(name, POWER_LABEL, value), names))
