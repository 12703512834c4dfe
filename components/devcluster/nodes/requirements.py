"""What a machine needs to run real nodes."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Collection
from pathlib import Path

from ...errors.devcluster import REAL_NODES_UNSUPPORTED
from ..errors import DevClusterError
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
_KUBELET = Path("/var/lib/kubelet/config.yaml")  # written by kubeadm and by every cloud's node image
_SPECIAL = frozenset(':,"\\')  # separators in mount options, and string delimiters in containerd's configuration
_PATH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"


def check(folder: Path | None = None, nodes: int = 0, own: Collection[int] = ()) -> None:
    """Check that this machine can run ``nodes`` real nodes in ``folder``.

    ``own`` are the process IDs of the same cluster, if it already runs. Raises DevClusterError with all problems and
    what to do about each.
    """
    if platform.system() != "Linux":
        raise DevClusterError(
            f"Real nodes need Linux, and this is {platform.system()}: use simulated nodes (cluster.nodes: simulated; "
            "with make, CLUSTER=kwok), or another kind of cluster.",
            REAL_NODES_UNSUPPORTED,
        )
    if problems := _problems(folder, nodes, own):
        raise DevClusterError(f"Real nodes cannot run on this machine: {'; '.join(problems)}.", REAL_NODES_UNSUPPORTED)


def _problems(folder: Path | None, nodes: int, own: Collection[int]) -> list[str]:
    problems = []
    if os.geteuid() != 0:
        problems.append(
            "they need root, for network namespaces and containers: run this as root, or use simulated nodes "
            "(cluster.nodes: simulated, CLUSTER=kwok)"
        )
    if packages := missing_packages():
        problems.append(
            f"programs are missing: on Debian and Ubuntu, run apt-get install --no-install-recommends "
            f"{' '.join(packages)}"
        )
    if "overlay" not in Path("/proc/filesystems").read_text():
        problems.append("the kernel has no overlay file system: load the module 'overlay'")
    if _KUBELET.exists():
        problems.append(
            f"the machine is itself a Kubernetes node ({_KUBELET} exists), and two kubelets would share directories: "
            "use another machine, or simulated nodes"
        )
    if os.geteuid() == 0 and nodes and (shortage := inotify.shortage(nodes, own)):
        problems.append(shortage)
    if folder is not None and (special := sorted(set(str(folder)) & _SPECIAL)):
        problems.append(
            f"the path of their directory, {folder}, contains {' and '.join(map(repr, special))}, which overlay file "
            "systems do not accept: move the checkout"
        )
    return problems


def missing_packages() -> list[str]:
    """Return the Debian packages of the programs that are not installed."""
    packages = sorted({package for name, package in _PROGRAMS.items() if not shutil.which(name, path=_PATH)})
    return packages if _find_plugins() else [*packages, "containernetworking-plugins"]


def cni_plugins() -> Path:
    """Return the directory of this machine's CNI plugins. Raises DevClusterError if a plugin is missing."""
    if (folder := _find_plugins()) is None:
        raise DevClusterError(
            "The CNI plugins are missing: install the package containernetworking-plugins.", REAL_NODES_UNSUPPORTED
        )
    return folder


def _find_plugins() -> Path | None:
    return next((folder for folder in _PLUGIN_FOLDERS if all((folder / name).exists() for name in _PLUGINS)), None)
