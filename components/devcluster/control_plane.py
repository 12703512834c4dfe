"""The control plane that kwokctl runs: etcd, API server, controllers, scheduler and metrics-server."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors.devcluster import API_PORT_TAKEN, COMMAND_FAILED, DIRECTORY_UNUSABLE
from . import kubeconfig, kwok_config, processes
from .errors import DevClusterError, RetryableStartError
from .kwok_config import ApiServerAddresses
from .nodes.layout import Layout

NAME = "embedded"
_CONFIGURATION = "kwokctl.yaml"
START_SECONDS = 120  # about 4 s on an idle machine, longer on a busy one


def home(folder: Path) -> Path:
    """Return kwokctl's directory for the cluster in ``folder``."""
    return folder / "clusters" / NAME


def mismatch(layout: Layout, kubernetes: str, real_nodes: bool) -> str | None:
    """Return how the cluster in a directory differs from the required one; None if it is that one."""
    config = (layout.folder / _CONFIGURATION).read_text()
    if (version := kwok_config.version_in(config)) != kubernetes:
        return f"runs Kubernetes {version}, not {kubernetes}"
    if (is_real := kwok_config.has_real_nodes(config)) != real_nodes:
        return "has {} nodes, not {} ones".format(*("real", "simulated") if is_real else ("simulated", "real"))
    if real_nodes and (existing := layout.existing_nodes()) != sorted(node.name for node in layout.nodes):
        return f"has other nodes ({', '.join(existing)}) than the settings"
    return None


def check_folder(folder: Path) -> None:
    """Check the path of a cluster's directory: kwokctl reads it only up to the first space. Raises DevClusterError."""
    if any(letter.isspace() for letter in str(folder)):
        raise DevClusterError(
            f"The embedded cluster cannot be in {folder}: the path must not contain spaces. Move the checkout.",
            DIRECTORY_UNUSABLE,
        )


def create(folder: Path, config: str, programs: Mapping[str, Path], prefix: Sequence[str]) -> None:
    """Create and start the control plane that ``config`` describes.

    Raises DevClusterError, or RetryableStartError if one of its programs has exited.
    """
    file = folder / _CONFIGURATION
    file.write_text(config)
    try:
        _kwokctl(folder, programs, prefix, "create", "cluster", "--config", str(file), "--wait", f"{START_SECONDS}s")
    except DevClusterError as error:
        if exited := processes.exited(home(folder)):
            raise RetryableStartError(f"{'; '.join(exited)}. {error.text}", error.kind) from None
        raise


def start(folder: Path, programs: Mapping[str, Path], prefix: Sequence[str]) -> None:
    """Start the programs of the control plane that do not run. Raises DevClusterError."""
    _kwokctl(folder, programs, prefix, "start", "cluster")


def write_kubeconfig(folder: Path, addresses: ApiServerAddresses | None, target: Path) -> None:
    """Write a kubeconfig that contains its certificates, for use from outside the nodes."""
    raw = (home(folder) / "kubeconfig.yaml").read_text()
    kubeconfig.write_private(target, kubeconfig.embed_files(raw, addresses.external if addresses else None))


def check_port(port: int) -> None:
    """Check that a port is free. Raises DevClusterError if another process listens on it."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise DevClusterError(
                f"ha-backend:cluster.apiPort: another process listens on port {port} of 127.0.0.1: choose a free port, "
                "or omit the setting to use any free one.",
                API_PORT_TAKEN,
            )


def kubectl(program: Path, config: Path, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
    """Run kubectl and return its output.

    Raises DevClusterError if it fails; without ``check``, returns an empty string instead.
    """
    done = subprocess.run(
        [str(program), "--kubeconfig", str(config), "--request-timeout=5s", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise DevClusterError(
            f"kubectl {' '.join(arguments[:3])} failed on the embedded cluster: {done.stderr.strip()[-500:]}",
            COMMAND_FAILED,
        )
    return done.stdout.strip() if done.returncode == 0 else ""


def _kwokctl(folder: Path, programs: Mapping[str, Path], prefix: Sequence[str], *arguments: str) -> None:
    # With a HOME of its own, kwokctl does not add its context to the user's kubeconfig.
    environment = {**os.environ, "KWOK_WORKDIR": str(folder), "HOME": str(folder)}
    environment.pop("KUBECONFIG", None)
    done = subprocess.run(
        [*prefix, str(programs["kwokctl"]), "--name", NAME, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip()[-800:]
        raise DevClusterError(f"kwokctl {' '.join(arguments[:2])} failed: {output}", COMMAND_FAILED)
