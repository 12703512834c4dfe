"""Which ports programs listen on here, above all those of an embedded cluster.

kwokctl itself takes the highest that nobody listens on at that moment: those of a cluster that is stopped go to the next one
that is made, and the first cannot start again.
"""

from __future__ import annotations

import socket
import zlib
from pathlib import Path

from .errors import LocalError

# kwokctl's names of them.
OF_CLUSTER = (
    "kubeApiserverPort",
    "etcdPort",
    "etcdPeerPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
    "metricsServerPort",
)
# Below those that Linux gives to connections that go out (net.ipv4.ip_local_port_range), above those of well-known services.
_FIRST, _END = 10_240, 32_768
_BLOCKS = (_END - _FIRST) // len(OF_CLUSTER)


def chosen(folder: Path, api_port: int | None = None) -> dict[str, int]:
    """A free port for each: as far as possible those that only this folder's cluster would ever take.

    ``api_port`` is the API server's where it is given. Raises LocalError where none are free.
    """
    start = zlib.crc32(bytes(folder.absolute()))
    for turn in range(_BLOCKS):
        first = _FIRST + (start + turn) % _BLOCKS * len(OF_CLUSTER)
        block = range(first, first + len(OF_CLUSTER))
        if api_port not in block and all(map(_free, block)):
            ports = dict(zip(OF_CLUSTER, block, strict=True))
            return {**ports, "kubeApiserverPort": api_port} if api_port else ports
    raise LocalError(
        f"{len(OF_CLUSTER)} ports in a row from {_FIRST} to {_END - 1} are needed on 127.0.0.1, and there are "
        "none: other programs listen on all of them."
    )


def free(number: int) -> list[int]:
    """So many ports of this machine that nobody listens on, all different, of those that Linux gives to connections."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()


def _free(port: int) -> bool:
    for address in ("127.0.0.1", ""):
        with socket.socket() as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # as Go does: one that has just ended does not count
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
