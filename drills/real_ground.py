"""The cluster that is broken: its API, and the power over its nodes, where there is any."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from drills.kube import Kube
from inspection.client import Client
from local import processes
from local.cluster import EmbeddedCluster
from local.nodes import network
from local.nodes.config import RUNTIME_TASKS
from local.nodes.fleet import Real
from local.nodes.layout import Node

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "metrics-server")


class Ground:
    """An embedded cluster with real nodes. Everything that is broken here can be mended here."""

    def __init__(self, cluster: EmbeddedCluster, log: Callable[[str], None]) -> None:
        fleet = cluster.fleet
        if not isinstance(fleet, Real):
            raise TypeError("a ground has real nodes")
        self.cluster, self._fleet, self._log = cluster, fleet, log
        self.kube = Kube(Client(cluster.kubeconfig.read_text()))

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before the command that sends the load: the hub is outside of all nodes, and has no way out of this machine."""
        return self._fleet.prefix

    def node(self, name: str) -> Node:
        """A node by its name."""
        return next(node for node in self._fleet.layout.nodes if node.name == name)

    def in_zone(self, zone: str) -> list[str]:
        """The names of a zone's nodes."""
        return [node.name for node in self._fleet.layout.nodes if node.zone == zone]

    def lose(self, names: list[str]) -> None:
        """Power cuts, all at once."""
        self._together(self._fleet.lose, names)

    def cut(self, names: list[str]) -> None:
        """Pulls the cables: the nodes live on, alone."""
        self._together(network.cut, names)

    def restore(self, names: list[str]) -> None:
        """Power or cables are back; returns when the nodes are ready."""
        self._together(self._fleet.restore, names)
        self.kube.until(lambda: set(names) <= set(self.kube.ready_nodes()), 120, f"nodes {', '.join(names)} to be ready")

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

    def kill_control_plane(self, names: tuple[str, ...] = CONTROL_PLANE) -> None:
        """Ends programs of the control plane without a word."""
        for pid in processes.of_cluster(self.cluster.folder):
            with suppress(OSError):
                if Path(f"/proc/{pid}/cmdline").read_text().split("\0", 1)[0].rpartition("/")[2] in names:
                    os.kill(pid, signal.SIGKILL)

    def start_control_plane(self) -> None:
        """Starts what of it does not run."""
        self.cluster.start()

    def calm(self) -> None:
        """Forgets connections that are over, so that one drill's are not another's trouble."""
        network.forget_connections(self._fleet.layout)

    def _together(self, act: Callable[[Node], None], names: list[str]) -> None:
        with ThreadPoolExecutor(max(1, len(names))) as pool:
            list(pool.map(act, [self.node(name) for name in names]))


def pause(seconds: float) -> None:
    """Waits: part of an experiment, not of a program that could do better."""
    time.sleep(seconds)
