"""All real nodes of one cluster, with their network and the load balancer in front."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from local import binaries, images, kubeconfig
from local.catalog import DEFAULT_VERSION, NODE_PROGRAMS
from local.errors import LocalError
from local.fleet import Programs
from local.kwok_config import Outside
from local.nodes import config, leftovers, network, node, requirements
from local.nodes.layout import HUB_ADDRESS, NAMESPACES, Layout, Node

PROJECT = Path(__file__).parent.parent.parent


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
        """Root, Linux, and the programs of containers."""
        requirements.check()
        if lost := [str(path) for path in self.archives if not path.is_file()]:
            raise LocalError(f"ha-backend:cluster.images: {', '.join(lost)}: there is no such file; right would be archives as "
                             "`docker save` writes them.")

    def prepare(self) -> Outside | None:
        """Lays the cables, and makes the sample images."""
        requirements.check()
        images.samples(self.log)
        uplink = network.uplink(self.layout)
        if uplink is None:
            leftovers.end_cluster(self.layout)
            network.remove(self.layout)
            uplink = network.make(self.layout)
        return Outside(uplink.hub, HUB_ADDRESS)

    def join(self, programs: Programs, home: Path, apply: Callable[[str], object]) -> None:
        """Starts every node, and the load balancer."""
        plugins = requirements.plugins()
        samples = images.samples(self.log)
        archives = [samples["pause"], *(path for name, path in samples.items() if name != "pause"), *self.archives]
        access = self.layout.folder / "nodes" / "kubeconfig"
        access.parent.mkdir(exist_ok=True)
        raw = (home / "kubeconfig.yaml").read_text()
        port = yaml.safe_load(raw)["clusters"][0]["cluster"]["server"].rpartition(":")[2]
        kubeconfig.write_private(access, kubeconfig.embed_files(raw, f"https://{HUB_ADDRESS}:{port}"))

        def begin(one: Node) -> None:
            config.write(one, home / "pki" / "ca.crt", access, images.SAMPLES["pause"], plugins)
            node.start(one, programs, access, archives)

        with ThreadPoolExecutor(len(self.layout.nodes)) as pool:
            list(pool.map(begin, self.layout.nodes))
        self._balance(home, port)

    def _balance(self, home: Path, port: str) -> None:
        uplink = network.uplink(self.layout)
        if uplink is None or self._balancer():
            return
        self.layout.run.mkdir(parents=True, exist_ok=True)
        with (self.layout.folder / "nodes" / "balancer.log").open("ab") as log:
            subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "local.nodes.balancer", str(self.layout.run),
                 "--server", f"https://127.0.0.1:{port}", "--certificates", str(home / "pki"),
                 "--addresses", ",".join(uplink.load_balancers),
                 "--nodes", ",".join(f"{one.name}={one.address}" for one in self.layout.nodes)],
                cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={"PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"})

    def _balancer(self) -> bool:
        return any("local.nodes.balancer" in command for command in _commands(self.layout))

    def missing(self) -> str | None:
        """A part of a node, or the load balancer, that does not run."""
        if network.uplink(self.layout) is None:
            return "the network of the nodes is not there"
        for one in self.layout.nodes:
            if lost := node.stopped(one):
                return f"{', '.join(lost)} of {one.name} does not run"
        return None if self._balancer() else "the load balancer does not run"

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
        leftovers.end_cluster(self.layout)
        network.remove(self.layout)


def _commands(layout: Layout) -> list[str]:
    found = []
    for pid in leftovers.processes([NAMESPACES / layout.hub]):
        try:
            found.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
