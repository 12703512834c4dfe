"""haproxy as the load balancer: its configuration, and commands to the running program.

It handles connections as a cloud's load balancer does: it checks the health of every node, sends new connections to
healthy nodes only, and does not try a second node if the first does not respond. Established connections stay where
they are.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# A node that fails three checks in a row, each within a second, is lost. haproxy starts the interval at the end of the
# previous check, and checks sooner after a failure: at worst 1 + 1 + 0.3 + 1 + 0.3 + 1 s, rounded up.
CHECK_INTERVAL, CHECK_AGAIN, CHECK_FAILURES, CHECK_SUCCESSES, CHECK_TIMEOUT = 1, 0.3, 3, 2, 1
CHECK_SECONDS = math.ceil(CHECK_INTERVAL + CHECK_FAILURES * CHECK_TIMEOUT + (CHECK_FAILURES - 1) * CHECK_AGAIN)
CHECK_DEFAULTS = f"""  timeout check {CHECK_TIMEOUT}s
  default-server inter {CHECK_INTERVAL}s fastinter {round(CHECK_AGAIN * 1000)}ms \
fall {CHECK_FAILURES} rise {CHECK_SUCCESSES}
"""
"""Health checks for the defaults section: they detect a node that does not respond within CHECK_SECONDS."""
_PROXY_HEALTH = 10256  # kube-proxy's own health check, for a Service without a health-check port


@dataclass(frozen=True)
class Frontend:
    """One port of one Service: where it listens, and the port of every node that it forwards to."""

    name: str
    address: str
    port: int
    node_port: int
    health_port: int | None


def configuration(frontends: Iterable[Frontend], nodes: Mapping[str, str], folder: Path) -> str:
    """Return haproxy's configuration file. ``nodes`` maps the name of each node to its address."""
    parts = [
        f"""global
  stats socket {folder}/haproxy.sock mode 600 level admin expose-fd listeners
  server-state-file {folder}/haproxy.state
  hard-stop-after 60s
  maxconn 8000
  no strict-limits
defaults
  mode tcp
  retries 0
  load-server-state-from-file global
  timeout connect 5s
  timeout client 10m
  timeout server 10m
{CHECK_DEFAULTS}"""
    ]
    for frontend in frontends:
        servers = "\n".join(
            f"  server {name} {address}:{frontend.node_port} check port {frontend.health_port or _PROXY_HEALTH}"
            for name, address in nodes.items()
        )
        parts.append(f"""listen {frontend.name}
  bind {frontend.address}:{frontend.port}
  balance roundrobin
  option httpchk GET /healthz
{servers}
""")
    return "".join(parts)


def send_command(folder: Path, command: str) -> str:
    """Send a command to the running haproxy and return its response. Raises OSError if it does not run."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(f"{folder}/haproxy.sock")
        connection.sendall(f"{command}\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
