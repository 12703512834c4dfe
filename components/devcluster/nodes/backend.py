"""All real nodes of one cluster, with their network and the load balancer in front."""

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

from .. import binaries, images, kubeconfig, priority, processes
from .. import image_archives as archives
from ..catalog import DEFAULT_VERSION, NODE_PROGRAMS
from ..errors import LocalError
from ..kwok_config import Outside
from ..node_backend import Ask, Programs
from . import config, groups, leftovers, network, node, requirements
from .layout import HUB_ADDRESS, NAMESPACES, Layout, Node

IMPORT_ROOT = Path(__file__).parent.parent.parent.parent
BALANCER = "nodes.balancer"  # how its command line ends, whatever the package is called


@dataclass(frozen=True)
class Real:
    """Real nodes of one version of Kubernetes.

    ``archives`` are further images for them, as `docker save` writes them; the samples are always there.
    """

    layout: Layout
    kubernetes: str = DEFAULT_VERSION
    archives: tuple[Path, ...] = ()
    log: Callable[[str], None] = field(default=print, compare=False)
    needs: tuple[str, ...] = NODE_PROGRAMS
    words: str = "real nodes"

    @property
    def prefix(self) -> tuple[str, ...]:
        """The control plane runs in the hub."""
        return self.layout.prefix

    def check(self) -> None:
        """Root, Linux, the programs of containers; and archives that are some."""
        ours = leftovers.processes(NAMESPACES.glob(f"{self.layout.hub}*"))
        requirements.check(self.layout.folder, len(self.layout.nodes), ours)
        for archive in self.archives:
            archives.names(archive)

    def prepare(self) -> Outside | None:
        """Lays the cables, and makes the sample images."""
        images.samples(self.log)
        uplink = network.uplink(self.layout)
        if uplink is None:
            _clear(self.layout)  # also what the machine's restart or an interrupted start has left
            uplink = network.make(self.layout)
        return Outside(uplink.hub, HUB_ADDRESS)

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Starts every node, and the load balancer."""
        plugins = requirements.plugins()
        groups.weigh()
        samples = images.samples(self.log)
        given = [samples["pause"], *(path for name, path in samples.items() if name != "pause"), *self.archives]
        access = self.layout.folder / "nodes" / "kubeconfig"
        raw = (home / "kubeconfig.yaml").read_text()
        port = yaml.safe_load(raw)["clusters"][0]["cluster"]["server"].rpartition(":")[2]
        kubeconfig.write_private(access, kubeconfig.embed_files(raw, HUB_ADDRESS))

        def begin(one: Node) -> None:
            config.write(one, home / "pki" / "ca.crt", access, images.SAMPLES["pause"], plugins)
            node.start(one, programs, access, given)

        with ThreadPoolExecutor(len(self.layout.nodes)) as pool:
            list(pool.map(begin, self.layout.nodes))
        priority.give(priority.MACHINES, processes.of_cluster(self.layout.folder))
        self._balance(home, port)

    def _balance(self, home: Path, port: str) -> None:
        uplink = network.uplink(self.layout)
        if uplink is None or _running(self.layout, BALANCER):
            return
        leftovers.end(
            _running(self.layout, "haproxy")
        )  # of a balancer that was killed: nobody would tell it anything any more
        self.layout.run.mkdir(parents=True, exist_ok=True)
        with (self.layout.folder / "nodes" / "balancer.log").open("ab") as log:
            begun = subprocess.Popen(
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
        while begun.poll() is None and not _running(self.layout, BALANCER):  # until it has entered the hub
            time.sleep(0.02)

    def missing(self) -> str | None:
        """A part of a node, an image on it, or the load balancer, that is not there."""
        if network.uplink(self.layout) is None:
            return "the network of the nodes is not there"
        for one in self.layout.nodes:
            if lost := node.stopped(one):
                return f"{', '.join(lost)} of {one.name} does not run. {node.last_words(one, lost[0])}".rstrip()
            if lacking := node.lacks(one, self.archives, images.SAMPLES.values()):
                return f"{one.name} has not taken in {lacking[0]}"
        return None if _running(self.layout, BALANCER) else "the load balancer does not run"

    def silent(self, ask: Ask) -> str | None:
        """A kubelet that does not answer the API server: what that says of a node is up to 50 s old."""
        return next(
            (
                f"the kubelet of {one.name} does not answer"
                for one in self.layout.nodes
                if ask("get", "--raw", f"/api/v1/nodes/{one.name}/proxy/healthz") != "ok"
            ),
            None,
        )

    def lose(self, one: Node) -> None:
        """A power cut: the machine answers nothing from one moment to the next, and everything it ran is gone."""
        network.cut(one)
        leftovers.end_node(one)

    def restore(self, one: Node) -> None:
        """The machine is switched on again, or its cable is put back."""
        network.mend(one)
        home = self.layout.folder / "nodes"
        node.start(one, binaries.ensure(self.log, self.needs, self.kubernetes), home / "kubeconfig", [])

    def remove(self) -> None:
        """Ends everything in the namespaces, then takes these away too."""
        remove(self.layout)


def remove(layout: Layout) -> None:
    """Ends and removes whatever there is of a cluster's nodes on this machine. Raises LocalError where that is not possible."""
    if not leftovers.found(layout):
        return
    if os.geteuid() != 0:
        raise LocalError(
            f"Real nodes of the cluster in {layout.folder} are left, and only root can remove them: run this as root."
        )
    _clear(layout)
    if left := leftovers.found(layout):
        raise LocalError(
            f"Real nodes of the cluster in {layout.folder} could not be removed wholly: {left[0]} is left. "
            "Run this again, and see what holds it."
        )


def _clear(layout: Layout) -> None:
    leftovers.end_cluster(layout)
    network.remove(layout)


def _running(layout: Layout, word: str) -> list[int]:
    """Ids of the processes in the hub that have a word in their command."""
    found = []
    for pid in leftovers.processes([NAMESPACES / layout.hub]):
        try:
            if word in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(pid)
        except (OSError, UnicodeDecodeError):
            continue
    return found
