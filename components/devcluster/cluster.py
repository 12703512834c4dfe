"""One embedded cluster: start it, check it, delete it. Every step can be repeated after an interruption.

A cluster lives in one directory with kwokctl's files, etcd's data and its kubeconfig. With simulated nodes, its
processes listen on loopback only; with real nodes, in network namespaces that only this machine reaches.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ..errors.devcluster import CLUSTER_MISMATCH, DIRECTORY_UNUSABLE
from . import binaries, control_plane, processes
from .binaries import Log
from .catalog import CLUSTER_PROGRAMS, DEFAULT_VERSION
from .errors import DevClusterError, RetryableStartError
from .locks import held
from .node_backend import NodeBackend, SimulatedNodes
from .nodes import backend as nodes
from .nodes.layout import Layout
from .startup import Startup

_ATTEMPTS = 3  # to create a cluster, if other activity on the machine makes a start fail


@dataclass(frozen=True)
class EmbeddedCluster:
    """A cluster that kwokctl runs: real etcd, API server, controllers, scheduler and metrics-server."""

    folder: Path
    """The cluster's directory."""
    zones: list[str]
    """Zones of its nodes."""
    nodes_per_zone: int = 1
    api_port: int | None = None
    """Port of the API server; None for any free one."""
    kubernetes: str = DEFAULT_VERSION
    """Minor version of Kubernetes, such as 1.36."""
    log: Log = field(default=print, compare=False)
    real_nodes: bool = False
    """Whether the nodes run pods (``components.devcluster.nodes``) instead of being simulated by kwok."""
    images: tuple[Path, ...] = ()
    """Image archives for real nodes."""
    losable: bool = False
    """Whether a simulated node is lost when its label ``kwok_config.POWER_LABEL`` is removed."""

    @property
    def kubeconfig(self) -> Path:
        """Path of the kubeconfig file, which contains its certificates."""
        return self.folder / "kubeconfig"

    @property
    def context(self) -> str:
        """Name of the kubeconfig's context."""
        return str(yaml.safe_load(self.kubeconfig.read_text())["current-context"])

    @property
    def _home(self) -> Path:
        return control_plane.home(self.folder)

    @property
    def _layout(self) -> Layout:
        return Layout(self.folder.absolute(), tuple(self.zones), self.nodes_per_zone)

    @property
    def node_backend(self) -> NodeBackend:
        """The nodes, real or simulated."""
        if self.real_nodes:
            return nodes.RealNodes(self._layout, self.kubernetes, self.images, self.log)
        return SimulatedNodes(self.zones, self.nodes_per_zone, self.kubernetes, self.losable)

    def start(self) -> str:
        """Start or restart the cluster, wait until every component responds, and return its kubeconfig.

        Raises DevClusterError if this machine does not support it, if the directory holds a cluster with another
        version or other nodes, or if it is not ready in time.
        """
        if mismatch := self.mismatch():
            raise DevClusterError(
                f"The embedded cluster in {self.folder} {mismatch}: delete it first ('make destroy', or "
                "'make cluster-down' for a standalone cluster).",
                CLUSTER_MISMATCH,
            )
        self.check()
        programs = binaries.ensure(self.log, (*CLUSTER_PROGRAMS, *self.node_backend.programs), self.kubernetes)
        startup, began = self._startup(programs), time.monotonic()
        with self._lock():
            if self.exists() and self.healthy():
                return self.kubeconfig.read_text()
            if self.exists():
                self.log(f"embedded cluster: {startup.missing()}: starting what is missing, with its data")
                startup.restart()
                startup.await_ready()
            else:
                self._create(startup)
        self.log(
            f"embedded cluster: ready in {time.monotonic() - began:.1f} s, {len(self.zones)} zones, "
            f"{startup.node_count} {self.node_backend.description}"
        )
        return self.kubeconfig.read_text()

    def healthy(self) -> bool:
        """Return whether the cluster is complete and every component responds, metrics included."""
        return self.exists() and self._startup(binaries.ensure(lambda _: None, ["kubectl"])).missing() is None

    def check(self) -> None:
        """Check the host and the directory's path. Raises DevClusterError if the cluster cannot run there."""
        control_plane.check_folder(self.folder.absolute())
        self.node_backend.check()

    def check_startable(self) -> None:
        """Check everything that a start needs, also that the directory is writable and the API port free.

        Raises DevClusterError.
        """
        self.check()
        if not self.exists():
            with self._lock():
                self._check_port()

    def _check_port(self) -> None:
        if self.api_port and not self.real_nodes:  # in a network namespace of its own, every port is free
            control_plane.check_port(self.api_port)

    def exists(self) -> bool:
        """Return whether the directory holds a complete cluster, running or not."""
        return self.kubeconfig.exists() and self._home.is_dir()

    def mismatch(self) -> str | None:
        """Return how the cluster in the directory differs from this one in a way that only a new cluster can change."""
        return control_plane.mismatch(self._layout, self.kubernetes, self.real_nodes) if self.exists() else None

    def identity(self) -> str:
        """Return the cluster's unique id. A later cluster in the same directory has another one."""
        arguments = ("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
        kubectl = binaries.ensure(lambda _: None, ["kubectl"])["kubectl"]
        return control_plane.kubectl(kubectl, self.kubeconfig, *arguments)

    def delete(self) -> None:
        """Kill the cluster's processes and nodes and delete its directory. Does nothing if there is no cluster."""
        if not self.folder.exists():
            nodes.remove(self._layout)  # the user may have deleted the directory alone
            return
        with self._lock():
            self._remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _startup(self, programs: Mapping[str, Path]) -> Startup:
        return Startup(
            self.folder,
            self.kubeconfig,
            self.node_backend,
            len(self.zones) * self.nodes_per_zone,
            self.kubernetes,
            self.api_port,
            self.losable,
            programs,
        )

    def _create(self, startup: Startup) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if any(path.name != ".lock" for path in self.folder.iterdir()):
                    self.log("embedded cluster: removing what an interrupted start has left")
                    self._remove()
                self._check_port()
                self.log(
                    "embedded cluster: starting etcd, kube-apiserver, controllers, scheduler, metrics-server, nodes"
                )
                startup.create()
                startup.await_ready()
                return
            except RetryableStartError as error:
                if attempt == _ATTEMPTS:
                    raise
                # A program that does not listen yet, or that has to restart, can lose its port to another process.
                self.log(f"embedded cluster: {error.text}: starting again")
                self._remove()

    def _remove(self) -> None:
        processes.kill(self.folder)
        nodes.remove(self._layout)  # also if the settings have changed to simulated nodes
        for path in self.folder.iterdir():
            if path.name == ".lock":
                continue
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(held(self.folder, self.log, "waiting for another run that uses this cluster"))
            except OSError as error:
                raise DevClusterError(
                    f"The cluster's directory {self.folder} cannot be written ({error.strerror}): move the checkout, "
                    "or correct its permissions.",
                    DIRECTORY_UNUSABLE,
                ) from None
            yield
