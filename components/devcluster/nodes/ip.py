"""Runs `ip` and other commands of the network, in this machine's namespace or in another one."""

from __future__ import annotations

import subprocess

from ...errors.devcluster import NODE_NETWORK_FAILED
from ..errors import DevClusterError


def run(command: tuple[str, ...], stdin: str | None = None) -> str:
    """Run a command and return its output. Raises DevClusterError if it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DevClusterError(
            f"The network of the nodes cannot be changed: {' '.join(command[:8])}: {done.stderr.strip()[-300:]}",
            NODE_NETWORK_FAILED,
        )
    return done.stdout


def batch(prefix: tuple[str, ...], lines: list[str]) -> None:
    """Run several `ip` commands at once, with a command prefix that enters a namespace. Raises DevClusterError."""
    run((*prefix, "ip", "-batch", "-"), "\n".join(lines) + "\n")
