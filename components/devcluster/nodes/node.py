"""One node: its processes, started, ended, and asked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from .. import image_archives, priority
from ..errors import LocalError
from . import config
from .layout import NAMESPACES, Node, entering
from .leftovers import processes

_RUNTIME_SECONDS = 60  # about half a second on an idle machine
_PARTS = ("containerd", "kubelet", "kube-proxy")


def start(node: Node, programs: Mapping[str, Path], kubeconfig: Path, images: list[Path]) -> None:
    """Starts what does not run, and gives the runtime the images it does not have. Raises LocalError."""
    _make_ways(node)
    missing = stopped(node)
    if "containerd" in missing:
        _spawn(node, "containerd", "containerd", "--config", str(node.folder / config.RUNTIME))
    _await_runtime(node)
    _import(node, images)
    if "kubelet" in missing:
        labels = f"topology.kubernetes.io/zone={node.zone},topology.kubernetes.io/region=local"
        _spawn(
            node,
            "kubelet",
            str(programs["kubelet"]),
            "--config",
            str(node.folder / config.KUBELET),
            "--kubeconfig",
            str(kubeconfig),
            "--hostname-override",
            node.name,
            "--node-ip",
            node.address,
            "--root-dir",
            str(node.kubelet),
            "--cert-dir",
            str(node.folder / "certificates"),
            "--node-labels",
            labels,
            "--v",
            "1",
        )
    if "kube-proxy" in missing:
        _spawn(node, "kube-proxy", str(programs["kube-proxy"]), "--config", str(node.folder / config.PROXY), "--v", "1")


def _make_ways(node: Node) -> None:
    """A power cut takes the folder for sockets away, and with it the kubelet's short way to its own folder."""
    node.run.mkdir(parents=True, exist_ok=True)
    (node.folder / "kubelet").mkdir(parents=True, exist_ok=True)
    if not node.kubelet.is_symlink():
        node.kubelet.symlink_to(node.folder / "kubelet")


def stopped(node: Node) -> list[str]:
    """The parts of the node that do not run."""
    running = {_name(pid) for pid in processes([NAMESPACES / node.namespace])}
    return [part for part in _PARTS if part not in running]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _spawn(node: Node, part: str, *command: str) -> None:
    logs = node.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{part}.log").open("ab") as log:
        words = [*priority.prefix(priority.MACHINES), *entering(node.namespace), *command]
        begun = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=node.folder,
            env=_environment(),
        )
    while begun.poll() is None and _name(begun.pid) != part:  # until nsenter has become the program
        time.sleep(0.005)


def _environment() -> dict[str, str]:
    # Programs of the system are in folders that a user's PATH may lack; nothing of the user's own is handed on.
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin", "HOME": "/root"}


def _await_runtime(node: Node) -> None:
    deadline = time.monotonic() + _RUNTIME_SECONDS
    while _ctr(node, "version").returncode != 0:
        if time.monotonic() > deadline or "containerd" in stopped(node):
            raise LocalError(f"containerd of {node.name} did not start. {last_words(node, 'containerd')}")
        time.sleep(0.1)


def lacks(node: Node, images: Iterable[Path], names: Iterable[str]) -> list[str]:
    """The archives, and the names of images, that the runtime was not given yet."""
    noted = {name for note in (node.folder / "imported").glob("*") for name in note.read_text().splitlines()}
    return [*(str(image) for image in images if not _note(node, image).exists()), *sorted(set(names) - noted)]


def _import(node: Node, images: list[Path]) -> None:
    for image in images:
        note = _note(node, image)
        if note.exists():
            continue
        done = _ctr(node, "images", "import", str(image))
        if done.returncode != 0:
            raise LocalError(
                f"The image archive {image} could not be taken in by {node.name}: {done.stderr.strip()[-300:]}"
            )
        note.parent.mkdir(exist_ok=True)
        note.write_text("\n".join(sorted(image_archives.names(image))))


def by_digest(node: Node, image: str) -> str:
    """Gives an image that the runtime has its digest as a name too, and returns that: NAME:TAG@sha256:... Raises LocalError."""
    rows = [row.split() for row in _ctr(node, "images", "ls", f"name=={image}").stdout.splitlines()]
    digest = next((row[2] for row in rows if row[0] == image), "")
    done = _ctr(node, "images", "tag", "--force", image, f"{image.rpartition(':')[0]}@{digest}")
    if done.returncode != 0:
        raise LocalError(
            f"The image {image} cannot be named by its digest on {node.name}: {done.stderr.strip()[-300:]}"
        )
    return f"{image}@{digest}"


def _note(node: Node, image: Path) -> Path:
    """Remembers that an archive was taken in, as it was then: one that has changed since is another."""
    try:
        stat = image.stat()
        state = f"{stat.st_mtime_ns} {stat.st_size}"
    except OSError:
        state = "gone"
    return node.folder / "imported" / hashlib.sha256(f"{image} {state}".encode()).hexdigest()[:16]


def _ctr(node: Node, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ctr", "--address", str(config.socket(node)), "--namespace", "k8s.io", *words],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )


def last_words(node: Node, part: str) -> str:
    """The last line that a part of the node logged."""
    log = node.folder / "logs" / f"{part}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return f"{log}: {lines[-1][:300]}" if lines else ""
