"""The processes of one real node: containerd, kubelet and kube-proxy."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...errors.devcluster import IMAGE_IMPORT_FAILED, NODE_NOT_READY
from .. import image_archives, priority
from ..errors import DevClusterError
from . import config
from .layout import NAMESPACES, Node, in_namespace
from .leftovers import processes

_RUNTIME_SECONDS = 60  # about half a second on an idle machine
_PARTS = ("containerd", "kubelet", "kube-proxy")


def start(node: Node, programs: Mapping[str, Path], kubeconfig: Path, images: list[Path]) -> None:
    """Start the processes that do not run and import the images that are missing. Raises DevClusterError."""
    _create_directories(node)
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


def _create_directories(node: Node) -> None:
    """Create the directories that a power cut deletes: the one for sockets, and the kubelet's short path."""
    node.run.mkdir(parents=True, exist_ok=True)
    (node.folder / "kubelet").mkdir(parents=True, exist_ok=True)
    if not node.kubelet.is_symlink():
        node.kubelet.symlink_to(node.folder / "kubelet")


def stopped(node: Node) -> list[str]:
    """Return the processes of the node that do not run."""
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
        full_command = [*priority.prefix(priority.NODES), *in_namespace(node.namespace), *command]
        process = subprocess.Popen(
            full_command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=node.folder,
            env=_environment(),
        )
    while process.poll() is None and _name(process.pid) != part:  # until nsenter has executed the program
        time.sleep(0.005)


def _environment() -> dict[str, str]:
    # System programs are in directories that a user's PATH may lack. No other variable of the user is passed on.
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin", "HOME": "/root"}


def _await_runtime(node: Node) -> None:
    deadline = time.monotonic() + _RUNTIME_SECONDS
    while _ctr(node, "version").returncode != 0:
        if time.monotonic() > deadline or "containerd" in stopped(node):
            raise DevClusterError(
                f"containerd of {node.name} did not start. {last_log_line(node, 'containerd')}", NODE_NOT_READY
            )
        time.sleep(0.1)


def missing_images(node: Node, images: Iterable[Path], names: Iterable[str]) -> list[str]:
    """Return the archives and the names of images that the node has not imported."""
    imported = {name for record in (node.folder / "imported").glob("*") for name in record.read_text().splitlines()}
    return [*(str(image) for image in images if not _record(node, image).exists()), *sorted(set(names) - imported)]


def _import(node: Node, images: list[Path]) -> None:
    for image in images:
        record = _record(node, image)
        if record.exists():
            continue
        done = _ctr(node, "images", "import", str(image))
        if done.returncode != 0:
            raise DevClusterError(
                f"{node.name} cannot import the image archive {image}: {done.stderr.strip()[-300:]}",
                IMAGE_IMPORT_FAILED,
            )
        record.parent.mkdir(exist_ok=True)
        record.write_text("\n".join(sorted(image_archives.names(image))))


def by_digest(node: Node, image: str) -> str:
    """Tag an imported image with its digest and return that name: NAME:TAG@sha256:... Raises DevClusterError."""
    rows = [row.split() for row in _ctr(node, "images", "ls", f"name=={image}").stdout.splitlines()]
    digest = next((row[2] for row in rows if row[0] == image), "")
    done = _ctr(node, "images", "tag", "--force", image, f"{image.rpartition(':')[0]}@{digest}")
    if done.returncode != 0:
        raise DevClusterError(
            f"{node.name} cannot tag the image {image} with its digest: {done.stderr.strip()[-300:]}",
            IMAGE_IMPORT_FAILED,
        )
    return f"{image}@{digest}"


def _record(node: Node, image: Path) -> Path:
    """Return the file that records the import of an archive. A changed archive has another one."""
    try:
        stat = image.stat()
        state = f"{stat.st_mtime_ns} {stat.st_size}"
    except OSError:
        state = "missing"
    return node.folder / "imported" / hashlib.sha256(f"{image} {state}".encode()).hexdigest()[:16]


def _ctr(node: Node, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ctr", "--address", str(config.socket(node)), "--namespace", "k8s.io", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )


def last_log_line(node: Node, part: str) -> str:
    """Return the last line that a process of the node logged, after the path of the log."""
    log = node.folder / "logs" / f"{part}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return f"{log}: {lines[-1][:300]}" if lines else ""
