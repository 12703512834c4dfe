"""Real nodes, of an embedded cluster: everything that is broken here can be mended here."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.nodes import network
from components.devcluster.nodes.backend import Real
from components.devcluster.nodes.config import RUNTIME_TASKS
from components.devcluster.nodes.layout import Node
from components.inspection.client import Client
from lab.drills import control_programs, envoy
from lab.drills.drill import CLUSTERS, PROXY
from lab.drills.kube import Kube
from lab.drills.pods import Pod
from lab.drills.target import Ground


class RealGround(Ground):
    """An embedded cluster with real nodes: full power."""

    owned = True
    sample_seconds = 0.25

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None]) -> None:
        fleet = cluster.fleet
        if not isinstance(fleet, Real):
            raise TypeError("this ground has real nodes")
        self.cluster, self._fleet, self._log = cluster, fleet, log
        self.kube = Kube(Client(cluster.kubeconfig.read_text()))
        self.cannot = {CLUSTERS: "it takes two clusters", **({} if envoy.program() else {PROXY: envoy.ABSENT})}
        self.closed: list[str] = []

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before the command that sends the load: the hub is outside of all nodes, and has no way out of this machine."""
        return self._fleet.prefix

    @property
    def sources(self) -> Sequence[str]:
        """One for each stream: from a single address the kernel soon spends its time on the search for a free port."""
        return [f"127.0.1.{number}" for number in range(1, 100)]

    def node(self, name: str) -> Node:
        """A node by its name."""
        return next(node for node in self._fleet.layout.nodes if node.name == name)

    def lose(self, names: list[str]) -> None:
        """Power cuts, all at once."""
        self._together(self._fleet.lose, names)

    def cut(self, names: list[str]) -> None:
        """Pulls the cables: the nodes live on, alone."""
        self._together(network.cut, names)

    def cut_off(self) -> None:
        """Pulls the cable between this machine and the hub."""
        network.cut_off(self._fleet.layout)

    def reconnect(self) -> None:
        """Puts it back."""
        network.reconnect(self._fleet.layout)

    def restore(self, names: list[str]) -> None:
        """Power or cables are back; returns when the nodes are ready."""
        self._together(self._fleet.restore, names)
        self.kube.until_ready(names, 120)

    def kill(self, pod: Pod) -> str:
        """SIGKILL to its process."""
        self.signal_container(pod.container, signal.SIGKILL)
        return f"SIGKILL to the process of pod {pod.name}"

    def signal_container(self, container: str, number: signal.Signals) -> None:
        """Sends a signal to a container's main process, from outside: the container cannot tell it from its own end.

        ``container`` is its id, as a pod's status names it.
        """
        identity = container.rpartition("/")[2]
        for node in self._fleet.layout.nodes:
            with suppress(FileNotFoundError):
                os.kill(int((node.run / RUNTIME_TASKS / identity / "init.pid").read_text()), number)
                return
        raise LookupError(f"container {identity} runs on no node")

    def kill_control_plane(self, names: tuple[str, ...] = control_programs.ALL) -> None:
        """Ends programs of the control plane without a word."""
        control_programs.kill(self.cluster, names)

    def start_control_plane(self) -> None:
        """Starts what of it does not run."""
        self.cluster.start()

    def calm(self) -> None:
        """Forgets connections that are over, so that one drill's are not another's trouble."""
        network.forget_connections(self._fleet.layout)

    def _together(self, act: Callable[[Node], None], names: list[str]) -> None:
        with ThreadPoolExecutor(max(1, len(names))) as pool:
            list(pool.map(act, [self.node(name) for name in names]))
