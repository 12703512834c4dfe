"""kwokctl's part of an embedded cluster: etcd, API server, controllers, scheduler, metrics-server. In a folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import kubeconfig, kwok_config, processes
from .errors import LocalError, LostStartError
from .kwok_config import Outside
from .nodes.layout import Layout

NAME = "embedded"
_CONFIGURATION = "kwokctl.yaml"
START_SECONDS = 120  # about 4 s on an idle machine; a busy one gets its time


def home(folder: Path) -> Path:
    """kwokctl's own folder of the cluster in ``folder``."""
    return folder / "clusters" / NAME


def other(layout: Layout, kubernetes: str, real: bool) -> str | None:
    """In which way the cluster in the folder was made as another one, in words."""
    made = (layout.folder / _CONFIGURATION).read_text()
    if (version := kwok_config.version_in(made)) != kubernetes:
        return f"runs Kubernetes {version}, and {kubernetes} is asked for"
    if (is_real := kwok_config.has_real_nodes(made)) != real:
        return "has {} nodes, and {} ones are asked for".format(
            *("real", "simulated") if is_real else ("simulated", "real")
        )
    if real and (there := layout.made()) != sorted(node.name for node in layout.nodes):
        return f"has other nodes ({', '.join(there)}) than those asked for"
    return None


def check_folder(folder: Path) -> None:
    """Raises LocalError where kwokctl would use another folder: it reads a path as far as the first space."""
    if any(letter.isspace() for letter in str(folder)):
        raise LocalError(
            f"The embedded cluster cannot be in {folder}: there must be no space in the path. Move the checkout."
        )


def create(folder: Path, config: str, programs: Mapping[str, Path], prefix: Sequence[str]) -> None:
    """Makes and starts it as ``config`` says. Raises LocalError, and LostStartError where one of its programs has ended."""
    file = folder / _CONFIGURATION
    file.write_text(config)
    try:
        _kwokctl(folder, programs, prefix, "create", "cluster", "--config", str(file), "--wait", f"{START_SECONDS}s")
    except LocalError as error:
        if dead := processes.ended(home(folder)):
            raise LostStartError(f"{'; '.join(dead)}. {error}") from None
        raise


def start(folder: Path, programs: Mapping[str, Path], prefix: Sequence[str]) -> None:
    """Starts what of it does not run. Raises LocalError."""
    _kwokctl(folder, programs, prefix, "start", "cluster")


def write_access(folder: Path, outside: Outside | None, target: Path) -> None:
    """Writes a kubeconfig that holds its certificates itself."""
    raw = (home(folder) / "kubeconfig.yaml").read_text()
    kubeconfig.write_private(target, kubeconfig.embed_files(raw, outside.address if outside else None))


def check_port(port: int) -> None:
    """Raises LocalError where another process listens on it."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise LocalError(
                f"ha-backend:cluster.apiPort: port {port} of 127.0.0.1 is taken by another process: "
                "choose a free one, or leave the setting out and any free port is used."
            )


def kubectl(program: Path, config: Path, *words: str, stdin: str | None = None, check: bool = True) -> str:
    """What kubectl prints; nothing where it fails and that is not to be checked. Raises LocalError."""
    done = subprocess.run(
        [str(program), "--kubeconfig", str(config), "--request-timeout=5s", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise LocalError(f"kubectl {' '.join(words[:3])} on the embedded cluster failed: {done.stderr.strip()[-500:]}")
    return done.stdout.strip() if done.returncode == 0 else ""


def _kwokctl(folder: Path, programs: Mapping[str, Path], prefix: Sequence[str], *words: str) -> None:
    # A private HOME keeps kwokctl from adding its context to the user's own kubeconfig.
    environment = {**os.environ, "KWOK_WORKDIR": str(folder), "HOME": str(folder)}
    environment.pop("KUBECONFIG", None)
    done = subprocess.run(
        [*prefix, str(programs["kwokctl"]), "--name", NAME, *words],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    if done.returncode != 0:
        raise LocalError(f"kwokctl {' '.join(words[:2])} failed: {(done.stderr or done.stdout).strip()[-800:]}")
