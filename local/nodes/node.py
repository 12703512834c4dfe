"""One node: its processes, started, ended, and asked."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from local.errors import LocalError
from local.nodes import config
from local.nodes.layout import NAMESPACES, Node, entering
from local.nodes.leftovers import processes

_RUNTIME_SECONDS = 60  # about half a second on an idle machine
_PARTS = ("containerd", "kubelet", "kube-proxy")


def start(node: Node, programs: Mapping[str, Path], kubeconfig: Path, images: list[Path]) -> None:
    """Starts what does not run, and gives the runtime the images it does not have. Raises LocalError."""
    _make_groups(node)
    missing = stopped(node)
    if "containerd" in missing:
        _spawn(node, "containerd", "containerd", "--config", str(node.folder / config.RUNTIME))
    _await_runtime(node)
    _import(node, images)
    if "kubelet" in missing:
        labels = f"topology.kubernetes.io/zone={node.zone},topology.kubernetes.io/region=local"
        _spawn(node, "kubelet", str(programs["kubelet"]), "--config", str(node.folder / config.KUBELET),
               "--kubeconfig", str(kubeconfig), "--hostname-override", node.name, "--node-ip", node.address,
               "--root-dir", str(node.folder / "kubelet"), "--cert-dir", str(node.folder / "certificates"),
               "--node-labels", labels, "--v", "1")
    if "kube-proxy" in missing:
        _spawn(node, "kube-proxy", str(programs["kube-proxy"]), "--config", str(node.folder / config.PROXY), "--v", "1")


def _make_groups(node: Node) -> None:
    """The kubelet expects its root to exist in every hierarchy of control groups of version 1, with CPUs to run on."""
    for controller in (path for path in Path("/sys/fs/cgroup").iterdir() if (path / "cgroup.procs").exists() and path.is_dir()):
        group = controller
        for part in node.cgroup.strip("/").split("/"):
            parent, group = group, group / part
            group.mkdir(exist_ok=True)
            for key in ("cpuset.cpus", "cpuset.mems"):
                if (group / key).exists() and not (group / key).read_text().strip():
                    (group / key).write_text((parent / key).read_text())


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
        subprocess.Popen([*entering(node.namespace), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                         start_new_session=True, cwd=node.folder, env=_environment())


def _environment() -> dict[str, str]:
    # Programs of the system are in folders that a user's PATH may lack; nothing of the user's own is handed on.
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin", "HOME": "/root"}


def _await_runtime(node: Node) -> None:
    deadline = time.monotonic() + _RUNTIME_SECONDS
    while _ctr(node, "version").returncode != 0:
        if time.monotonic() > deadline:
            raise LocalError(f"containerd of {node.name} did not start in {_RUNTIME_SECONDS} s. "
                             f"{last_words(node, 'containerd')}")
        time.sleep(0.1)


def _import(node: Node, images: list[Path]) -> None:
    for image in images:
        note = node.folder / "imported" / f"{image.name}.{image.stat().st_mtime_ns}"
        if note.exists():
            continue
        done = _ctr(node, "images", "import", str(image))
        if done.returncode != 0:
            raise LocalError(f"The image archive {image} could not be taken in by {node.name}: {done.stderr.strip()[-300:]}")
        note.parent.mkdir(exist_ok=True)
        note.touch()


def _ctr(node: Node, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ctr", "--address", str(config.socket(node)), "--namespace", "k8s.io", *words],
                          capture_output=True, text=True, check=False)


def last_words(node: Node, part: str) -> str:
    """The last line that a part of the node logged."""
    log = node.folder / "logs" / f"{part}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return f"{log}: {lines[-1][:300]}" if lines else ""
