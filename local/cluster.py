"""One embedded cluster: starts it, tells how it is, removes it. Every step may be repeated after an interruption.

A cluster lives in one folder: kwokctl's own files, etcd's data, its kubeconfig. Its processes listen on loopback only.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from local import binaries, kubeconfig, kwok_config, processes, readiness
from local.catalog import CLUSTER_PROGRAMS, DEFAULT_VERSION
from local.errors import LocalError
from local.fleet import Fleet, Simulated
from local.locks import held
from local.nodes.fleet import Real
from local.nodes.layout import Layout

Log = Callable[[str], None]
NAME = "embedded"
START_SECONDS = 120  # about 4 s on an idle machine; a busy one gets its time
# Where the machine is busy, an API server that has just started takes longer than usual to say which fields there are.
_PATIENT = ("--validate=false", "--request-timeout=60s")


@dataclass(frozen=True)
class EmbeddedCluster:
    """A cluster that kwokctl runs: real etcd, API server, controllers, scheduler and metrics-server; simulated or real nodes.

    ``zones`` and ``nodes_per_zone`` say which nodes it has, ``api_port`` fixes the API server's port (None: any free one),
    ``kubernetes`` is its version, such as 1.36. With ``real`` the nodes are real ones (``local.nodes``), and ``images`` are
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
    def _home(self) -> Path:
        """kwokctl's own folder of the cluster."""
        return self.folder / "clusters" / NAME

    @property
    def fleet(self) -> Fleet:
        """Its nodes."""
        if self.real:
            layout = Layout(self.folder.absolute(), tuple(self.zones), self.nodes_per_zone)
            return Real(layout, self.kubernetes, self.images, self.log)
        return Simulated(self.zones, self.nodes_per_zone, self.kubernetes, self.losable)

    def start(self) -> str:
        """Starts or restarts the cluster and returns its kubeconfig, when everything in it answers.

        Raises LocalError when a port is taken, a folder cannot be written, the folder holds a cluster of another version, or
        it does not come up in time.
        """
        if other := self.other_version():
            raise LocalError(f"The embedded cluster in {self.folder} runs Kubernetes {other}, and {self.kubernetes} is asked "
                             f"for: remove it first ('make destroy'; 'make cluster-down' where it stands alone).")
        self.fleet.check()
        programs = binaries.ensure(self.log, (*CLUSTER_PROGRAMS, *self.fleet.needs), self.kubernetes)
        began = time.monotonic()
        with self._lock():
            if self.exists() and self.healthy():
                return self.kubeconfig.read_text()
            if self.exists():
                self.log("embedded cluster: it was stopped, starting it again with its data")
                self._restart(programs)
            else:
                self._create(programs)
            self._await_ready(programs)
        self.log(f"embedded cluster: ready in {time.monotonic() - began:.1f} s, {len(self.zones)} zones, "
                 f"{len(self.zones) * self.nodes_per_zone} {self.fleet.words}")
        return self.kubeconfig.read_text()

    def healthy(self) -> bool:
        """Whether it is complete and every component answers, metrics included."""
        if not self.exists():
            return False
        kubectl = binaries.ensure(lambda _: None, ["kubectl"])["kubectl"]
        return self.fleet.missing() is None and self._missing(kubectl) is None

    def check_room(self) -> None:
        """Raises LocalError when it does not exist yet and its folder cannot be written or its port is taken."""
        self.fleet.check()
        if self.exists():
            return
        with self._lock():
            self._check_port()

    def _check_port(self) -> None:
        if self.api_port and not self.real and _taken(self.api_port):
            raise LocalError(f"ha-backend:cluster.apiPort: port {self.api_port} of 127.0.0.1 is taken by another process: "
                             "choose a free one, or leave the setting out and any free port is used.")

    def exists(self) -> bool:
        """Whether there is a complete cluster in the folder, running or not."""
        return self.kubeconfig.exists() and self._home.is_dir()

    def other_version(self) -> str | None:
        """The version of the cluster in the folder, where that is not the one asked for."""
        config = self.folder / "kwokctl.yaml"
        found = kwok_config.version_in(config.read_text()) if self.exists() else self.kubernetes
        return found if found != self.kubernetes else None

    def identity(self) -> str:
        """What tells this cluster from any other, also from a later one in the same folder."""
        kubectl = binaries.ensure(lambda _: None, ["kubectl"])["kubectl"]
        return self._kubectl(kubectl, self.kubeconfig, "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")

    def delete(self) -> None:
        """Ends its processes and removes its folder; nothing happens where there is none."""
        if not self.folder.exists():
            return
        with self._lock():
            self._remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self, programs: dict[str, Path]) -> None:
        if any(path.name != ".lock" for path in self.folder.iterdir()):
            self.log("embedded cluster: an earlier start was interrupted, removing what it left")
            self._remove()
        self._check_port()
        self.log("embedded cluster: starting etcd, kube-apiserver, controllers, scheduler, metrics-server and nodes")
        outside = self.fleet.prepare()
        config = self.folder / "kwokctl.yaml"
        config.write_text(kwok_config.cluster_config(programs, self.api_port, self.kubernetes, outside, self._home / "pki",
                                                     losable=self.losable))
        with binaries.choosing_ports(self.log):  # kwokctl looks for them, and takes them a moment later
            self._kwokctl(programs, "create", "cluster", "--config", str(config), "--wait", f"{START_SECONDS}s")
        raw = (self._home / "kubeconfig.yaml").read_text()
        access = self.folder / "kubeconfig.new"
        kubeconfig.write_private(access, kubeconfig.embed_files(raw, _at(raw, outside.address) if outside else None))
        self._join(programs, access)
        access.replace(self.kubeconfig)  # marks it complete

    def _join(self, programs: dict[str, Path], access: Path) -> None:
        self.fleet.join(programs, self._home, lambda manifests: self._kubectl(
            programs["kubectl"], access, "apply", "--server-side", *_PATIENT, "-f", "-", stdin=manifests))

    def _restart(self, programs: dict[str, Path]) -> None:
        self.fleet.prepare()
        processes.forget_ended(self.folder, self._home)
        self._kwokctl(programs, "start", "cluster")
        if self.real:
            self._join(programs, self.kubeconfig)

    def _await_ready(self, programs: dict[str, Path]) -> None:
        deadline = time.monotonic() + START_SECONDS
        retried = False
        while missing := self._missing(programs["kubectl"]):
            if time.monotonic() > deadline:
                raise LocalError(f"The embedded cluster did not come up in {START_SECONDS} s: {missing}. Logs: "
                                 f"{self._home / 'logs'}; 'make cluster-down' removes it.")
            if dead := processes.ended(self._home):
                # metrics-server gives up when it starts before the API server does; once more is enough, or never.
                if retried:
                    raise LocalError(f"The embedded cluster did not come up: {'; '.join(dead)}")
                retried = True
                self._restart(programs)
            time.sleep(0.2)

    def _missing(self, kubectl: Path) -> str | None:
        return readiness.missing(lambda *words: self._kubectl(kubectl, self.kubeconfig, *words, check=False),
                                 len(self.zones) * self.nodes_per_zone)

    def _kubectl(self, kubectl: Path, config: Path, *args: str, stdin: str | None = None, check: bool = True) -> str:
        done = subprocess.run([str(kubectl), "--kubeconfig", str(config), "--request-timeout=5s", *args],
                              input=stdin, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise LocalError(f"kubectl {' '.join(args[:3])} on the embedded cluster failed: {done.stderr.strip()[-500:]}")
        return done.stdout.strip() if done.returncode == 0 else ""

    def _kwokctl(self, programs: dict[str, Path], *args: str) -> None:
        # A private HOME keeps kwokctl from adding its context to the user's own kubeconfig.
        environment = {**os.environ, "KWOK_WORKDIR": str(self.folder), "HOME": str(self.folder)}
        environment.pop("KUBECONFIG", None)
        done = subprocess.run([*self.fleet.prefix, str(programs["kwokctl"]), "--name", NAME, *args], env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
        if done.returncode != 0:
            raise LocalError(f"kwokctl {' '.join(args[:2])} failed: {(done.stderr or done.stdout).strip()[-800:]}")

    def _remove(self) -> None:
        processes.end(self.folder)
        self.fleet.remove()
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


def _at(config: str, address: str) -> str:
    """The API server of a kubeconfig, under another address."""
    port = yaml.safe_load(config)["clusters"][0]["cluster"]["server"].rpartition(":")[2]
    return f"https://{address}:{port}"


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

