"""What a machine must offer for real nodes, and everything that this one lacks, told at once."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Collection
from pathlib import Path

from ..errors import LocalError
from . import inotify

_PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "containerd-shim-runc-v2": "containerd",
    "runc": "runc",
    "haproxy": "haproxy",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "nsenter": "util-linux",
}
_PLUGINS = ("bridge", "host-local", "loopback")
_PLUGIN_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))  # Debian's, and upstream's
_KUBELET = Path("/var/lib/kubelet/config.yaml")  # of kubeadm, and of every cloud's node image
_SPECIAL = frozenset(':,"\\')  # they separate the options of a mount, or end a text in containerd's configuration
_PATH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"


def check(folder: Path | None = None, nodes: int = 0, ours: Collection[int] = ()) -> None:
    """Raises LocalError where so many real nodes cannot run here, in ``folder``; it names all reasons and what would be right.

    ``ours`` are ids of the processes of the same cluster, if it runs already.
    """
    if platform.system() != "Linux":
        raise LocalError(
            f"Real nodes need Linux, and this is {platform.system()}: use simulated ones (cluster.nodes: "
            "simulated; with make CLUSTER=kwok), or name a cluster of another kind."
        )
    problems = []
    if os.geteuid() != 0:
        problems.append(
            "they need root, for network namespaces and containers: run this as root, or use simulated nodes "
            "(cluster.nodes: simulated, CLUSTER=kwok)"
        )
    if packages := missing():
        problems.append(
            f"programs are missing; on Debian and Ubuntu: apt-get install --no-install-recommends {' '.join(packages)}"
        )
    if "overlay" not in Path("/proc/filesystems").read_text():
        problems.append("the kernel has no overlay file system: load the module 'overlay'")
    if _KUBELET.exists():
        problems.append(
            f"it is a Kubernetes node itself ({_KUBELET} exists), and two would share folders of the kubelet: use "
            "another machine, or simulated nodes"
        )
    if os.geteuid() == 0 and nodes and (lacking := inotify.lacking(nodes, ours)):
        problems.append(lacking)
    if folder is not None and (found := sorted(set(str(folder)) & _SPECIAL)):
        problems.append(
            f"their folder, {folder}, has {' and '.join(map(repr, found))} in its path, which overlay file "
            "systems do not take: move the checkout"
        )
    if problems:
        raise LocalError(f"Real nodes cannot run on this machine: {'; '.join(problems)}.")


def missing() -> list[str]:
    """The packages of Debian that hold the programs which are not here."""
    packages = sorted({package for name, package in _PROGRAMS.items() if not shutil.which(name, path=_PATH)})
    return packages if _plugins() else [*packages, "containernetworking-plugins"]


def plugins() -> Path:
    """The folder of this machine's CNI plugins. Raises LocalError where it has not all that are needed."""
    if (found := _plugins()) is None:
        raise LocalError("The CNI plugins are missing.")
    return found


def _plugins() -> Path | None:
    return next((folder for folder in _PLUGIN_FOLDERS if all((folder / name).exists() for name in _PLUGINS)), None)
