"""Ends and removes what a node or a whole cluster has running, mounted or noted on this machine, whatever of it there is.

Nothing is remembered for it: processes are found by the network namespace they are in, all else by names that hold the
cluster's id. So it works just as well after everything that could have remembered was killed, and for any number of nodes.
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

from . import groups
from .config import RUNTIME_TASKS
from .layout import NAMESPACES, RUN, Layout, Node

_SECONDS = 15
_GROUPS_SECONDS = 3  # the kernel needs a moment to notice that a control group is empty
_NOTES = Path("/var/lib/cni/results")
_PLUGINS = Path("/var/lib/kubelet/device-plugins")
_LOGS = Path("/var/log/containers")
_SHIMS = Path("/run/containerd/s")


def end_node(node: Node) -> None:
    """What a power cut does to a machine: every process is gone, and so is what only memory held. The disk stays."""
    _end([NAMESPACES / node.namespace, *_pod_namespaces(node.run)])
    _forget_tasks([node.run])
    _unmount([node.run, node.folder])
    shutil.rmtree(node.run, ignore_errors=True)


def end_cluster(layout: Layout) -> None:
    """The same for all nodes and the hub, with what programs leave outside our folders."""
    _end([*NAMESPACES.glob(f"{layout.hub}*"), *_pod_namespaces(layout.run)])
    _forget_tasks([*layout.run.glob("*/")])
    _unmount([layout.run, layout.folder])
    shutil.rmtree(layout.run, ignore_errors=True)
    for link in _LOGS.glob("*.log"):
        with suppress(OSError):  # another cluster's, gone meanwhile
            if str(link.readlink()).startswith(f"{layout.folder}/"):
                link.unlink(missing_ok=True)
    for note in _notes(layout):
        note.unlink(missing_ok=True)
    _remove_empty()


def found(layout: Layout) -> list[Path]:
    """What is left of the cluster's nodes outside its folder."""
    return [
        path
        for path in (
            layout.run,
            Path(f"/sys/class/net/{layout.hub}"),
            *NAMESPACES.glob(f"{layout.hub}*"),
            *_notes(layout),
        )
        if path.exists()
    ]


def processes(namespaces: Iterable[Path]) -> list[int]:
    """Ids of the processes that are in one of these network namespaces; never this one's."""
    wanted = set()
    for path in namespaces:
        with suppress(OSError):
            wanted.add(_identity(path))
    running = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if _identity(entry / "ns" / "net") in wanted and int(entry.name) != os.getpid():
                running.append(int(entry.name))
    return running


def end(pids: Iterable[int]) -> None:
    """Kills processes, whatever of them there is."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _identity(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _end(namespaces: list[Path]) -> None:
    deadline = time.monotonic() + _SECONDS
    while (running := processes(namespaces)) and time.monotonic() < deadline:
        end(running)
        time.sleep(0.05)


def _pod_namespaces(run: Path) -> list[Path]:
    # Of a node or of all of them. Not by "**": a container that ends meanwhile takes folders away from under the search.
    return [
        path
        for where in ("containerd", "*/containerd")
        for path in run.glob(f"{where}/io.containerd.grpc.v1.cri/netns/*")
    ]


def _notes(layout: Layout) -> list[Path]:
    """What the network plugins note: of a pod's network under our name, of its loopback with the namespace it was in."""
    found = []
    for note in _NOTES.glob("*"):
        with suppress(OSError):  # another cluster's, gone meanwhile
            if note.name.startswith(f"{layout.hub}-") or f'"{layout.run}/' in note.read_text(errors="replace"):
                found.append(note)
    return found


def _forget_tasks(runs: Iterable[Path]) -> None:
    """What containers have in folders of the whole machine: the sockets of their shims, and their control groups."""
    tasks = [task for run in runs for task in (run / RUNTIME_TASKS).glob("*")]
    for task in tasks:
        with suppress(OSError):
            Path(shim_socket(task)).unlink(missing_ok=True)
    left = [group for task in tasks for parent in _groups() if (group := parent / task.name).is_dir()]
    deadline = time.monotonic() + _GROUPS_SECONDS
    while (left := [group for group in left if not _removed(group)]) and time.monotonic() < deadline:
        time.sleep(0.05)


def shim_socket(task: Path) -> str:
    """The path of a shim's socket, as containerd notes it: since 2.0 in another file. Raises OSError."""
    try:
        noted = (task / "address").read_text()
    except FileNotFoundError:
        noted = str(json.loads((task / "bootstrap.json").read_text())["address"])
    return noted.strip().removeprefix("unix://")


def _remove_empty() -> None:
    """Folders that programs make at fixed places: gone where no other cluster uses them."""
    if RUN.exists() and any(RUN.iterdir()):
        return
    shutil.rmtree(_PLUGINS, ignore_errors=True)  # requirements.check() has made sure that it is nobody else's
    for folder in (*_groups(), RUN, _PLUGINS.parent, _NOTES, _NOTES.parent, _LOGS, _SHIMS, _SHIMS.parent):
        with suppress(OSError):
            folder.rmdir()


def _unmount(folders: list[Path]) -> None:
    roots = tuple(f"{folder}/" for folder in folders)
    for point in reversed([*_mount_points()]):  # the inner ones first
        if point.startswith(roots):
            subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)


def _mount_points() -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        # A space, a tab, a line's end and a backslash are written as octal numbers.
        yield re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), line.split()[4])


def _groups() -> list[Path]:
    """Where containers have their control groups."""
    return [hierarchy / groups.CONTAINERS for hierarchy in groups.hierarchies()]


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
    return not group.exists()
