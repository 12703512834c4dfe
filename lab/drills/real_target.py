"""An embedded cluster with real nodes: every fault can be injected, and undone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import links
from components.devcluster.nodes.backend import RealNodes
from components.devcluster.nodes.config import RUNTIME_TASKS
from components.devcluster.nodes.layout import Node
from components.inspection.client import Client
from lab.drills import control_programs, envoy
from lab.drills.drill import CLUSTERS, PROXY
from lab.drills.kube import Kube
from lab.drills.pods import Pod
from lab.drills.target import Target


class RealTarget(Target):
    """An embedded cluster with real nodes."""

    owned = True
    sample_seconds = 0.25

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None]) -> None:
        fleet = cluster.node_backend
        if not isinstance(fleet, RealNodes):
            raise TypeError("RealTarget needs a cluster with real nodes")
        self.cluster, self._fleet, self._log = cluster, fleet, log
        self.kube = Kube(Client(cluster.kubeconfig.read_text()))
        self.unsupported = {CLUSTERS: "it needs two clusters", **({} if envoy.program() else {PROXY: envoy.ABSENT})}
        self.closed: list[str] = []

    @property
    def prefix(self) -> tuple[str, ...]:
        """Return the prefix that enters the hub's network namespace: outside all nodes, no route off this machine."""
        return self._fleet.prefix

    @property
    def sources(self) -> Sequence[str]:
        """Return one address for each stream: with a single one the kernel soon spends its time finding a free port."""
        return [f"127.0.1.{number}" for number in range(1, 100)]

    def node(self, name: str) -> Node:
        """Return a node by name."""
        return next(node for node in self._fleet.layout.nodes if node.name == name)

    def lose(self, names: list[str]) -> None:
        """Cut the power of nodes, all at once."""
        self._together(self._fleet.lose, names)

    def cut(self, names: list[str]) -> None:
        """Cut nodes off from the network; their processes keep running."""
        self._together(links.disconnect_node, names)

    def cut_off(self) -> None:
        """Disconnect the hub from this machine."""
        links.disconnect_cluster(self._fleet.layout)

    def reconnect(self) -> None:
        """Reconnect the hub."""
        links.reconnect_cluster(self._fleet.layout)

    def restore(self, names: list[str]) -> None:
        """Restore power and network of nodes, and wait until they are ready."""
        self._together(self._fleet.restore, names)
        self.kube.wait_for_nodes(names, 120)

    def kill(self, pod: Pod) -> str:
        """Send SIGKILL to a pod's main process."""
        self.signal_container(pod.container, signal.SIGKILL)
        return f"SIGKILL to the process of pod {pod.name}"

    def signal_container(self, container: str, number: signal.Signals) -> None:
        """Send a signal to a container's main process from outside, so the runtime sees an unexpected exit.

        ``container`` is its id, as in a pod's status.
        """
        identity = container.rpartition("/")[2]
        for node in self._fleet.layout.nodes:
            with suppress(FileNotFoundError):
                os.kill(int((node.run / RUNTIME_TASKS / identity / "init.pid").read_text()), number)
                return
        raise LookupError(f"container {identity} runs on no node")

    def kill_control_plane(self, names: tuple[str, ...] = control_programs.ALL) -> None:
        """Kill programs of the control plane with SIGKILL."""
        control_programs.kill(self.cluster, names)

    def start_control_plane(self) -> None:
        """Start the control plane programs that are not running."""
        self.cluster.start()

    def reset_connections(self) -> None:
        """Drop stale connection tracking entries, so that one drill does not disturb the next."""
        links.flush_connections(self._fleet.layout)

    def _together(self, act: Callable[[Node], None], names: list[str]) -> None:
        with ThreadPoolExecutor(max(1, len(names))) as pool:
            list(pool.map(act, [self.node(name) for name in names]))
