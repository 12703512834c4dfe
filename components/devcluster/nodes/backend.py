"""All real nodes of one cluster, with their network and the load balancer in front of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ...errors.devcluster import REAL_NODES_LEFT
from .. import binaries, image_archives, images, kubeconfig, priority, processes
from ..catalog import DEFAULT_VERSION, NODE_PROGRAMS
from ..errors import DevClusterError
from ..kwok_config import ApiServerAddresses
from ..node_backend import Kubectl, Programs
from . import cgroups, config, leftovers, links, network, node, requirements
from .layout import HUB_ADDRESS, NAMESPACES, Layout, Node

IMPORT_ROOT = Path(__file__).parent.parent.parent.parent
BALANCER = "nodes.balancer"  # end of the module's name, whatever the package is called


@dataclass(frozen=True)
class RealNodes:
    """Real nodes with one version of Kubernetes."""

    layout: Layout
    kubernetes: str = DEFAULT_VERSION
    archives: tuple[Path, ...] = ()
    """Image archives to import in addition to the samples, as `docker save` writes them."""
    log: Callable[[str], None] = field(default=print, compare=False)
    programs: tuple[str, ...] = NODE_PROGRAMS
    description: str = "real nodes"

    @property
    def prefix(self) -> tuple[str, ...]:
        """Command prefix that starts the control plane in the hub."""
        return self.layout.prefix

    def check(self) -> None:
        """Check the host and the image archives. Raises DevClusterError."""
        own = leftovers.processes(NAMESPACES.glob(f"{self.layout.hub}*"))
        requirements.check(self.layout.folder, len(self.layout.nodes), own)
        for archive in self.archives:
            image_archives.names(archive)

    def prepare(self) -> ApiServerAddresses | None:
        """Create the network and the archives of the sample images."""
        images.samples(self.log)
        uplink = network.uplink(self.layout)
        if uplink is None:
            _clear(self.layout)  # also what a restart of the machine or an interrupted start has left
            uplink = network.create(self.layout)
        return ApiServerAddresses(external=uplink.hub, internal=HUB_ADDRESS)

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Start every node and the load balancer."""
        plugins = requirements.cni_plugins()
        cgroups.set_weight()
        samples = images.samples(self.log)
        archives = [samples["pause"], *(path for name, path in samples.items() if name != "pause"), *self.archives]
        access = self.layout.folder / "nodes" / "kubeconfig"
        raw = (home / "kubeconfig.yaml").read_text()
        port = yaml.safe_load(raw)["clusters"][0]["cluster"]["server"].rpartition(":")[2]
        kubeconfig.write_private(access, kubeconfig.embed_files(raw, HUB_ADDRESS))

        def start(one: Node) -> None:
            config.write(one, home / "pki" / "ca.crt", access, images.SAMPLES["pause"], plugins)
            node.start(one, programs, access, archives)

        with ThreadPoolExecutor(len(self.layout.nodes)) as pool:
            list(pool.map(start, self.layout.nodes))
        priority.set_niceness(priority.NODES, processes.of_cluster(self.layout.folder))
        self._start_balancer(home, port)

    def _start_balancer(self, home: Path, port: str) -> None:
        uplink = network.uplink(self.layout)
        if uplink is None or _running(self.layout, BALANCER):
            return
        leftovers.kill(_running(self.layout, "haproxy"))  # of a balancer that was killed: nothing controls it any more
        self.layout.run.mkdir(parents=True, exist_ok=True)
        with (self.layout.folder / "nodes" / "balancer.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *priority.prefix(priority.FIRST),
                    *self.prefix,
                    sys.executable,
                    "-m",
                    f"{__package__}.balancer",
                    str(self.layout.run),
                    "--server",
                    f"https://127.0.0.1:{port}",
                    "--certificates",
                    str(home / "pki"),
                    "--addresses",
                    ",".join(uplink.load_balancers),
                    "--nodes",
                    ",".join(f"{one.name}={one.address}" for one in self.layout.nodes),
                ],
                cwd=IMPORT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"},
            )
        while process.poll() is None and not _running(self.layout, BALANCER):  # until it has entered the hub
            time.sleep(0.02)

    def missing(self) -> str | None:
        """Return which process of a node, which image or whether the load balancer is missing; None if nothing is."""
        if network.uplink(self.layout) is None:
            return "the network of the nodes does not exist"
        for one in self.layout.nodes:
            if stopped := node.stopped(one):
                log_line = node.last_log_line(one, stopped[0])
                return f"{', '.join(stopped)} of {one.name} does not run. {log_line}".rstrip()
            if missing := node.missing_images(one, self.archives, images.SAMPLES.values()):
                return f"{one.name} has not imported {missing[0]}"
        return None if _running(self.layout, BALANCER) else "the load balancer does not run"

    def unresponsive(self, kubectl: Kubectl) -> str | None:
        """Return which kubelet does not respond to the API server, whose view of a node is up to 50 s old."""
        return next(
            (
                f"the kubelet of {one.name} does not respond"
                for one in self.layout.nodes
                if kubectl("get", "--raw", f"/api/v1/nodes/{one.name}/proxy/healthz") != "ok"
            ),
            None,
        )

    def lose(self, one: Node) -> None:
        """Cut a node's power: it stops responding at once, and all its processes are gone."""
        links.disconnect_node(one)
        leftovers.kill_node(one)

    def restore(self, one: Node) -> None:
        """Restore a node's cable and power."""
        links.reconnect_node(one)
        home = self.layout.folder / "nodes"
        node.start(one, binaries.ensure(self.log, self.programs, self.kubernetes), home / "kubeconfig", [])

    def remove(self) -> None:
        """Kill everything in the network namespaces, then delete these."""
        remove(self.layout)


def remove(layout: Layout) -> None:
    """Remove whatever remains of a cluster's nodes on this machine. Raises DevClusterError if that is not possible."""
    if not leftovers.remaining(layout):
        return
    if os.geteuid() != 0:
        raise DevClusterError(
            f"Real nodes of the cluster in {layout.folder} remain, and only root can remove them: run this as root.",
            REAL_NODES_LEFT,
        )
    _clear(layout)
    if remaining := leftovers.remaining(layout):
        raise DevClusterError(
            f"Real nodes of the cluster in {layout.folder} were not removed completely: {remaining[0]} remains. Find "
            "out what uses it, then run this again.",
            REAL_NODES_LEFT,
        )


def _clear(layout: Layout) -> None:
    leftovers.kill_cluster(layout)
    network.remove(layout)


def _running(layout: Layout, word: str) -> list[int]:
    """Return the IDs of the processes in the hub whose command line contains a word."""
    pids = []
    for pid in leftovers.processes([NAMESPACES / layout.hub]):
        try:
            if word in Path(f"/proc/{pid}/cmdline").read_text():
                pids.append(pid)
        except (OSError, UnicodeDecodeError):
            continue
    return pids
