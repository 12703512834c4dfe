"""Ends and removes what a node or a whole cluster has running, mounted or noted on this machine, whatever of it there is.

Nothing is remembered for it: processes are found by the network namespace they are in, mounts by where they are. So it works
just as well after everything that could have remembered was killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from local.nodes.config import RUNTIME_TASKS, network_name
from local.nodes.layout import NAMESPACES, RUN, Layout, Node

_SECONDS = 15
_NOTES = Path("/var/lib/cni/results")
_PLUGINS = Path("/var/lib/kubelet/device-plugins")


def end_node(node: Node) -> None:
    """What a power cut does to a machine: every process is gone, and so is what only memory held. The disk stays."""
    _end([NAMESPACES / node.namespace, *_pod_namespaces(node.run)])
    _forget_shims(node)
    _unmount([node.run, node.folder])
    shutil.rmtree(node.run, ignore_errors=True)


def end_cluster(layout: Layout) -> None:
    """The same for all nodes and the hub, with the notes that network plugins and the kubelet keep outside our folders."""
    _end([*NAMESPACES.glob(f"{layout.hub}*"), *_pod_namespaces(layout.run)])
    for node in layout.nodes:
        _forget_network(node)
        _forget_shims(node)
    _unmount([layout.run, layout.folder])
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and str(link.readlink()).startswith(f"{layout.folder}/"):
            link.unlink(missing_ok=True)
    shutil.rmtree(layout.run, ignore_errors=True)
    for controller in Path("/sys/fs/cgroup").glob(f"*/{layout.hub}"):
        _remove_groups(controller)
    _remove_groups(Path("/sys/fs/cgroup") / layout.hub)
    _remove_empty()


def processes(namespaces: Iterable[Path]) -> list[int]:
    """Ids of the processes that are in one of these network namespaces; never this one's."""
    wanted = set()
    for path in namespaces:
        with suppress(OSError):
            wanted.add(path.stat().st_ino)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if (entry / "ns" / "net").stat().st_ino in wanted and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def _end(namespaces: list[Path]) -> None:
    deadline = time.monotonic() + _SECONDS
    while (running := processes(namespaces)) and time.monotonic() < deadline:
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _pod_namespaces(run: Path) -> list[Path]:
    return list(run.glob("**/io.containerd.grpc.v1.cri/netns/*"))


def _forget_network(node: Node) -> None:
    """The network plugins' notes: of the pods' network by its name, of their loopback by the pods' ids."""
    ids = [path.name for path in (node.run / RUNTIME_TASKS).glob("*")]
    patterns = (f"{network_name(node)}-*", *(f"cni-loopback-{identity}-*" for identity in ids))
    for note in (found for pattern in patterns for found in _NOTES.glob(pattern)):
        note.unlink(missing_ok=True)


def _remove_empty() -> None:
    """Folders that programs make at fixed places: gone where no other cluster uses them."""
    if RUN.exists() and any(RUN.iterdir()):
        return
    shutil.rmtree(_PLUGINS, ignore_errors=True)  # requirements.check() has made sure that it is nobody else's
    for folder in (RUN, _PLUGINS.parent, _NOTES, _NOTES.parent):
        with suppress(OSError):
            folder.rmdir()


def _forget_shims(node: Node) -> None:
    for file in (node.run / RUNTIME_TASKS).glob("*/address"):
        with suppress(OSError):
            Path(file.read_text().removeprefix("unix://")).unlink(missing_ok=True)


def _unmount(folders: list[Path]) -> None:
    roots = tuple(f"{folder}/" for folder in folders)
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed(points):  # the inner ones first
        if point.startswith(roots):
            subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)


def _remove_groups(group: Path) -> None:
    if not group.is_dir():
        return
    for folder, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
