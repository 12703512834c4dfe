"""Ports of this machine for the programs of an embedded cluster.

kwokctl itself takes the highest ports that are free at that moment. The ports of a stopped cluster would go to the next
new one, and the stopped one could not start again.
"""

from __future__ import annotations

import socket
import zlib
from pathlib import Path

from ..errors.devcluster import NO_FREE_PORTS
from .errors import DevClusterError

# In kwokctl's names.
CLUSTER_PORTS = (
    "kubeApiserverPort",
    "etcdPort",
    "etcdPeerPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
    "metricsServerPort",
)
# Below the ports of outgoing connections (net.ipv4.ip_local_port_range), above those of well-known services.
_FIRST, _END = 10_240, 32_768
_BLOCKS = (_END - _FIRST) // len(CLUSTER_PORTS)


def choose(folder: Path, api_port: int | None = None) -> dict[str, int]:
    """Return a free port for each program, as far as possible always the same ones for the same directory.

    ``api_port`` fixes the API server's port. Raises DevClusterError if there are not enough free ports.
    """
    start = zlib.crc32(bytes(folder.absolute()))
    for turn in range(_BLOCKS):
        first = _FIRST + (start + turn) % _BLOCKS * len(CLUSTER_PORTS)
        block = range(first, first + len(CLUSTER_PORTS))
        if api_port not in block and all(map(_is_free, block)):
            ports = dict(zip(CLUSTER_PORTS, block, strict=True))
            return {**ports, "kubeApiserverPort": api_port} if api_port else ports
    raise DevClusterError(
        f"The embedded cluster needs {len(CLUSTER_PORTS)} consecutive free ports from {_FIRST} to {_END - 1} on "
        "127.0.0.1, and there are none: stop other programs that listen there, or delete another embedded cluster.",
        NO_FREE_PORTS,
    )


def free_ports(count: int) -> list[int]:
    """Return ``count`` different free ports of this machine, from the range of outgoing connections."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _is_free(port: int) -> bool:
    for address in ("127.0.0.1", ""):
        with socket.socket() as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # as Go does: ignore a connection that has just closed
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
