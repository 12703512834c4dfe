"""One embedded cluster: starts it, tells how it is, removes it. Every step may be repeated after an interruption.

A cluster lives in one folder: kwokctl's own files, etcd's data, its kubeconfig. With simulated nodes its processes listen on
loopback only; with real ones, in network namespaces that only this machine reaches.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from . import binaries, control_plane, kwok_config, ports, processes, readiness
from .binaries import Log
from .catalog import CLUSTER_PROGRAMS, DEFAULT_VERSION
from .control_plane import START_SECONDS
from .errors import LocalError, LostStartError
from .locks import held
from .node_backend import Fleet, Simulated
from .nodes import backend as nodes
from .nodes.layout import Layout

# Where the machine is busy, an API server that has just started takes longer than usual to say which fields there are.
_PATIENT = ("--validate=false", "--request-timeout=60s")
_CHANCES = 3  # to come up, where a start is lost to what others do


@dataclass(frozen=True)
class EmbeddedCluster:
    """A cluster that kwokctl runs: real etcd, API server, controllers, scheduler and metrics-server; simulated or real nodes.

    ``zones`` and ``nodes_per_zone`` say which nodes it has, ``api_port`` fixes the API server's port (None: any free one),
    ``kubernetes`` is its version, such as 1.36. With ``real`` the nodes are real ones (``components.devcluster.nodes``), and ``images`` are
    archives of images for them. ``losable``: simulated nodes can be lost, by taking ``kwok_config.POWER_LABEL`` from them.
    """

    folder: Path
    zones: list[str]
    nodes_per_zone: int = 1
    api_port: int | None = None
    kubernetes: str = DEFAULT_VERSION
    log: Log = field(default=print, compare=False)
    real: bool = False
    images: tuple[Path, ...] = ()
    losable: bool = False

    @property
    def kubeconfig(self) -> Path:
        """Path of the kubeconfig file, which holds its certificates itself."""
        return self.folder / "kubeconfig"

    @property
    def context(self) -> str:
        """The name of the kubeconfig's context."""
        return str(yaml.safe_load(self.kubeconfig.read_text())["current-context"])

    @property
    def _home(self) -> Path:
        return control_plane.home(self.folder)

    @property
    def _layout(self) -> Layout:
        return Layout(self.folder.absolute(), tuple(self.zones), self.nodes_per_zone)

    @property
    def fleet(self) -> Fleet:
        """Its nodes."""
        if self.real:
            return nodes.Real(self._layout, self.kubernetes, self.images, self.log)
        return Simulated(self.zones, self.nodes_per_zone, self.kubernetes, self.losable)

    def start(self) -> str:
        """Starts or restarts the cluster and returns its kubeconfig, when everything in it answers.

        Raises LocalError when it cannot be here, when the folder holds another one by version or nodes, or when time is up.
        """
        if other := self.other():
            raise LocalError(
                f"The embedded cluster in {self.folder} {other}: remove it first ('make destroy'; "
                "'make cluster-down' where it stands alone)."
            )
        self.check()
        programs = binaries.ensure(self.log, (*CLUSTER_PROGRAMS, *self.fleet.needs), self.kubernetes)
        began = time.monotonic()
        with self._lock():
            if self.exists() and self.healthy():
                return self.kubeconfig.read_text()
            if self.exists():
                self.log(
                    f"embedded cluster: {self._missing(programs['kubectl'])}: starting what is missing, with its data"
                )
                self._restart(programs)
                self._await_ready(programs)
            else:
                self._make(programs)
        self.log(
            f"embedded cluster: ready in {time.monotonic() - began:.1f} s, {len(self.zones)} zones, "
            f"{len(self.zones) * self.nodes_per_zone} {self.fleet.words}"
        )
        return self.kubeconfig.read_text()

    def healthy(self) -> bool:
        """Whether it is complete and every component answers, metrics included."""
        return self.exists() and self._missing(binaries.ensure(lambda _: None, ["kubectl"])["kubectl"]) is None

    def check(self) -> None:
        """Raises LocalError when this machine cannot have such nodes, or the cluster cannot be in this folder."""
        control_plane.check_folder(self.folder.absolute())
        self.fleet.check()

    def check_room(self) -> None:
        """The same, and where it does not exist yet also when its folder cannot be written or its port is taken."""
        self.check()
        if not self.exists():
            with self._lock():
                self._check_port()

    def _check_port(self) -> None:
        if self.api_port and not self.real:  # in a namespace of its own, every port is free
            control_plane.check_port(self.api_port)

    def exists(self) -> bool:
        """Whether there is a complete cluster in the folder, running or not."""
        return self.kubeconfig.exists() and self._home.is_dir()

    def other(self) -> str | None:
        """In which way the cluster in the folder is not the one asked for, and could not become it, in words."""
        return control_plane.other(self._layout, self.kubernetes, self.real) if self.exists() else None

    def identity(self) -> str:
        """What tells this cluster from any other, also from a later one in the same folder."""
        words = ("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
        return control_plane.kubectl(binaries.ensure(lambda _: None, ["kubectl"])["kubectl"], self.kubeconfig, *words)

    def delete(self) -> None:
        """Ends its processes and removes its folder, and nodes of either kind; nothing happens where there is nothing."""
        if not self.folder.exists():
            nodes.remove(self._layout)  # somebody has removed the folder alone
            return
        with self._lock():
            self._remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self, programs: dict[str, Path]) -> None:
        for chance in range(1, _CHANCES + 1):
            try:
                self._create(programs)
                self._await_ready(programs)
                return
            except LostStartError as error:
                if chance == _CHANCES:
                    raise
                # One that has not listened yet, or has to start once more, can lose its port to somebody meanwhile.
                self.log(f"embedded cluster: {error}: starting anew")
                self._remove()

    def _create(self, programs: dict[str, Path]) -> None:
        if any(path.name != ".lock" for path in self.folder.iterdir()):
            self.log("embedded cluster: an earlier start was interrupted, removing what it left")
            self._remove()
        self._check_port()
        self.log("embedded cluster: starting etcd, kube-apiserver, controllers, scheduler, metrics-server and nodes")
        outside = self.fleet.prepare()
        config = kwok_config.cluster_config(
            programs,
            ports.chosen(self.folder, self.api_port),
            self.kubernetes,
            outside,
            self._home / "pki",
            losable=self.losable,
        )
        control_plane.create(self.folder, config, programs, self.fleet.prefix)
        access = self.folder / "kubeconfig.new"
        control_plane.write_access(self.folder, outside, access)
        self._join(programs, access)
        access.replace(self.kubeconfig)  # marks it complete

    def _join(self, programs: dict[str, Path], access: Path) -> None:
        self.fleet.join(
            programs,
            self._home,
            lambda manifests: control_plane.kubectl(
                programs["kubectl"], access, "apply", "--server-side", *_PATIENT, "-f", "-", stdin=manifests
            ),
        )

    def _restart(self, programs: dict[str, Path]) -> None:
        outside = self.fleet.prepare()
        processes.forget_ended(self.folder, self._home)
        control_plane.start(self.folder, programs, self.fleet.prefix)
        if self.real:
            control_plane.write_access(
                self.folder, outside, self.kubeconfig
            )  # after a restart of the machine, another address
            self._join(programs, self.kubeconfig)

    def _await_ready(self, programs: dict[str, Path]) -> None:
        deadline = time.monotonic() + START_SECONDS
        retried = False
        while missing := self._missing(programs["kubectl"]) or self.fleet.silent(self._asking(programs["kubectl"])):
            if time.monotonic() > deadline:
                why = "; ".join(processes.ended(self._home)) or missing
                raise LocalError(
                    f"The embedded cluster did not come up in {START_SECONDS} s: {why}. Logs: "
                    f"{self._home / 'logs'}; 'make cluster-down' removes it."
                )
            dead = processes.ended(self._home)
            if dead or (lost := self.fleet.missing()):
                # metrics-server gives up when it starts before the API server does; once more is enough, or never.
                if retried:
                    error = LostStartError if any("address already in use" in line for line in dead) else LocalError
                    raise error(f"The embedded cluster did not come up: {'; '.join(dead) or lost}")
                retried = True
                self._restart(programs)
            time.sleep(0.2)

    def _missing(self, kubectl: Path) -> str | None:
        # Of some programs the API server does not know that they ended, of others it knows it late.
        ended = ", ".join(line.partition(":")[0] for line in processes.ended(self._home))
        return (
            self.fleet.missing()
            or ended
            or readiness.missing(self._asking(kubectl), len(self.zones) * self.nodes_per_zone)
        )

    def _asking(self, kubectl: Path) -> Callable[..., str]:
        return lambda *words: control_plane.kubectl(kubectl, self.kubeconfig, *words, check=False)

    def _remove(self) -> None:
        processes.end(self.folder)
        nodes.remove(self._layout)  # also where the settings say simulated by now
        for path in self.folder.iterdir():
            if path.name == ".lock":
                continue
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(held(self.folder, self.log, "another run works on this cluster: waiting for it"))
            except OSError as error:
                raise LocalError(f"The cluster's folder {self.folder} cannot be written ({error.strerror}).") from None
            yield
