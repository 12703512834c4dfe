"""Kill and remove whatever a node or a cluster has left on this machine: processes, mounts and files.

It needs no records: it finds processes by their network namespace and everything else by names that contain the
cluster's id. It therefore works after a kill of everything that could have kept records, and for any number of nodes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from . import cgroups
from .config import RUNTIME_TASKS
from .layout import NAMESPACES, RUN, Layout, Node

_SECONDS = 15
_CGROUP_SECONDS = 3  # the kernel needs a moment to notice that a control group is empty
_CNI_RECORDS = Path("/var/lib/cni/results")
_PLUGINS = Path("/var/lib/kubelet/device-plugins")
_LOGS = Path("/var/log/containers")
_SHIMS = Path("/run/containerd/s")


def kill_node(node: Node) -> None:
    """Do what a power cut does to a machine: kill every process and delete what only memory held. The disk stays."""
    _kill([NAMESPACES / node.namespace, *_pod_namespaces(node.run)])
    _delete_tasks([node.run])
    _unmount([node.run, node.folder])
    shutil.rmtree(node.run, ignore_errors=True)


def kill_cluster(layout: Layout) -> None:
    """Kill all nodes and the hub, and delete what their programs leave outside the cluster's directory."""
    _kill([*NAMESPACES.glob(f"{layout.hub}*"), *_pod_namespaces(layout.run)])
    _delete_tasks([*layout.run.glob("*/")])
    _unmount([layout.run, layout.folder])
    shutil.rmtree(layout.run, ignore_errors=True)
    for link in _LOGS.glob("*.log"):
        with suppress(OSError):  # of another cluster, deleted meanwhile
            if str(link.readlink()).startswith(f"{layout.folder}/"):
                link.unlink(missing_ok=True)
    for record in _cni_records(layout):
        record.unlink(missing_ok=True)
    _remove_empty()


def remaining(layout: Layout) -> list[Path]:
    """Return what remains of the cluster's nodes outside its directory."""
    return [
        path
        for path in (
            layout.run,
            Path(f"/sys/class/net/{layout.hub}"),
            *NAMESPACES.glob(f"{layout.hub}*"),
            *_cni_records(layout),
        )
        if path.exists()
    ]


def processes(namespaces: Iterable[Path]) -> list[int]:
    """Return the IDs of the processes in one of these network namespaces, without this process."""
    wanted = set()
    for path in namespaces:
        with suppress(OSError):
            wanted.add(_identity(path))
    running = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process ended meanwhile
            if _identity(entry / "ns" / "net") in wanted and int(entry.name) != os.getpid():
                running.append(int(entry.name))
    return running


def kill(pids: Iterable[int]) -> None:
    """Kill the processes that still run."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _identity(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _kill(namespaces: list[Path]) -> None:
    deadline = time.monotonic() + _SECONDS
    while (running := processes(namespaces)) and time.monotonic() < deadline:
        kill(running)
        time.sleep(0.05)


def _pod_namespaces(run: Path) -> list[Path]:
    # ``run`` belongs to one node or to all of them. Not with "**": a container that ends deletes directories during the
    # search.
    return [
        path
        for where in ("containerd", "*/containerd")
        for path in run.glob(f"{where}/io.containerd.grpc.v1.cri/netns/*")
    ]


def _cni_records(layout: Layout) -> list[Path]:
    """Return the records of the CNI plugins: a pod's network by the cluster's name, its loopback by the namespace."""
    records = []
    for record in _CNI_RECORDS.glob("*"):
        with suppress(OSError):  # of another cluster, deleted meanwhile
            if record.name.startswith(f"{layout.hub}-") or f'"{layout.run}/' in record.read_text(errors="replace"):
                records.append(record)
    return records


def _delete_tasks(runs: Iterable[Path]) -> None:
    """Delete what containers have outside the cluster: the sockets of their shims and their control groups."""
    tasks = [task for run in runs for task in (run / RUNTIME_TASKS).glob("*")]
    for task in tasks:
        with suppress(OSError):
            Path(shim_socket(task)).unlink(missing_ok=True)
    left = [group for task in tasks for parent in _container_groups() if (group := parent / task.name).is_dir()]
    deadline = time.monotonic() + _CGROUP_SECONDS
    while (left := [group for group in left if not _removed(group)]) and time.monotonic() < deadline:
        time.sleep(0.05)


def shim_socket(task: Path) -> str:
    """Return the path of a shim's socket as containerd records it; since 2.0, in another file. Raises OSError."""
    try:
        recorded = (task / "address").read_text()
    except FileNotFoundError:
        recorded = str(json.loads((task / "bootstrap.json").read_text())["address"])
    return recorded.strip().removeprefix("unix://")


def _remove_empty() -> None:
    """Delete the directories that programs create at fixed paths, unless another cluster uses them."""
    if RUN.exists() and any(RUN.iterdir()):
        return
    shutil.rmtree(
        _PLUGINS, ignore_errors=True
    )  # requirements.check() rejects a machine where it belongs to another kubelet
    for folder in (
        *_container_groups(),
        RUN,
        _PLUGINS.parent,
        _CNI_RECORDS,
        _CNI_RECORDS.parent,
        _LOGS,
        _SHIMS,
        _SHIMS.parent,
    ):
        with suppress(OSError):
            folder.rmdir()


def _unmount(folders: list[Path]) -> None:
    roots = tuple(f"{folder}/" for folder in folders)
    for point in reversed([*_mount_points()]):  # the inner ones first
        if point.startswith(roots):
            subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)


def _mount_points() -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        # Spaces, tabs, line ends and backslashes are written as octal numbers.
        yield re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), line.split()[4])


def _container_groups() -> list[Path]:
    """Return the control groups that hold the containers."""
    return [hierarchy / cgroups.CONTAINERS for hierarchy in cgroups.hierarchies()]


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
    return not group.exists()
