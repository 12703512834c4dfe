"""Creates and restarts the processes of one embedded cluster, and waits until they are ready."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors.devcluster import CLUSTER_NOT_READY
from . import control_plane, kwok_config, ports, processes, readiness
from .control_plane import START_SECONDS
from .errors import DevClusterError, RetryableStartError
from .node_backend import Kubectl, NodeBackend

# On a busy machine, an API server that has just started takes longer than usual to serve its schema.
_PATIENT = ("--validate=false", "--request-timeout=60s")


@dataclass(frozen=True)
class Startup:
    """The start of one cluster with its programs. Every step can be repeated after an interruption."""

    folder: Path
    kubeconfig: Path
    nodes: NodeBackend
    node_count: int
    kubernetes: str
    api_port: int | None
    losable: bool
    programs: Mapping[str, Path]

    @property
    def _home(self) -> Path:
        return control_plane.home(self.folder)

    def create(self) -> None:
        """Create the control plane and its nodes. The kubeconfig marks the cluster complete."""
        addresses = self.nodes.prepare()
        config = kwok_config.cluster_config(
            self.programs,
            ports.choose(self.folder, self.api_port),
            self.kubernetes,
            addresses,
            self._home / "pki",
            losable=self.losable,
        )
        control_plane.create(self.folder, config, self.programs, self.nodes.prefix)
        kubeconfig = self.folder / "kubeconfig.new"
        control_plane.write_kubeconfig(self.folder, addresses, kubeconfig)
        self._join(kubeconfig)
        kubeconfig.replace(self.kubeconfig)

    def restart(self) -> None:
        """Start what does not run, with the cluster's data."""
        addresses = self.nodes.prepare()
        processes.remove_stale_pid_files(self.folder, self._home)
        control_plane.start(self.folder, self.programs, self.nodes.prefix)
        if addresses:
            # Real nodes: after a restart of the machine, the address is another one.
            control_plane.write_kubeconfig(self.folder, addresses, self.kubeconfig)
            self._join(self.kubeconfig)

    def await_ready(self) -> None:
        """Wait until every component responds, and restart once what has exited.

        Raises DevClusterError when time is up, and RetryableStartError if a program lost its port.
        """
        deadline = time.monotonic() + START_SECONDS
        retried = False
        while missing := self.missing() or self.nodes.unresponsive(self._kubectl):
            if time.monotonic() > deadline:
                why = "; ".join(processes.exited(self._home)) or missing
                raise DevClusterError(
                    f"The embedded cluster was not ready within {START_SECONDS} s: {why}. Logs: {self._home / 'logs'}. "
                    "'make cluster-down' deletes it.",
                    CLUSTER_NOT_READY,
                )
            exited = processes.exited(self._home)
            if exited or (lost := self.nodes.missing()):
                # metrics-server exits if it starts before the API server does: one restart is enough, or none ever is.
                if retried:
                    in_use = any("address already in use" in line for line in exited)
                    error = RetryableStartError if in_use else DevClusterError
                    raise error(f"The embedded cluster did not start: {'; '.join(exited) or lost}", CLUSTER_NOT_READY)
                retried = True
                self.restart()
            time.sleep(0.2)

    def missing(self) -> str | None:
        """Return what does not run or is not ready; None if nothing is missing."""
        # The API server does not notice that some programs have exited, and notices others late.
        exited = ", ".join(line.partition(":")[0] for line in processes.exited(self._home))
        return self.nodes.missing() or exited or readiness.missing(self._kubectl, self.node_count)

    @property
    def _kubectl(self) -> Kubectl:
        program = self.programs["kubectl"]
        return lambda *arguments: control_plane.kubectl(program, self.kubeconfig, *arguments, check=False)

    def _join(self, kubeconfig: Path) -> None:
        self.nodes.join(
            self.programs,
            self._home,
            lambda manifests: control_plane.kubectl(
                self.programs["kubectl"], kubeconfig, "apply", "--server-side", *_PATIENT, "-f", "-", stdin=manifests
            ),
        )
