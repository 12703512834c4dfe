"""The control plane processes of an embedded cluster."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster

ALL = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "metrics-server")


def kill(cluster: EmbeddedCluster, names: tuple[str, ...]) -> None:
    """Send SIGKILL to the named programs that are running."""
    for pid in processes.of_cluster(cluster.folder):
        with suppress(OSError):  # it has already exited
            if Path(f"/proc/{pid}/cmdline").read_text().split("\0", 1)[0].rpartition("/")[2] in names:
                os.kill(pid, signal.SIGKILL)
