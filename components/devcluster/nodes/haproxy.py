"""The load balancer's program: its configuration, and what is said to it while it runs.

It behaves as a cloud's does for connections: it asks every node for its health, sends new connections to healthy ones only,
and does not try a second node where the first does not answer. Established connections stay where they are.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# A node that answers three times in a row not within a second is lost. haproxy counts the time to the next question from the
# end of the last one, and asks again sooner where that has failed: 1 + 1 + 0.3 + 1 + 0.3 + 1 s at the worst, rounded up.
CHECK_INTERVAL, CHECK_AGAIN, CHECK_FAILURES, CHECK_SUCCESSES, CHECK_TIMEOUT = 1, 0.3, 3, 2, 1
CHECK_SECONDS = math.ceil(CHECK_INTERVAL + CHECK_FAILURES * CHECK_TIMEOUT + (CHECK_FAILURES - 1) * CHECK_AGAIN)
CHECKS = f"""  timeout check {CHECK_TIMEOUT}s
  default-server inter {CHECK_INTERVAL}s fastinter {round(CHECK_AGAIN * 1000)}ms fall {CHECK_FAILURES} rise {CHECK_SUCCESSES}
"""
"""Of its defaults: how health is asked for, so that what does not answer is found lost within CHECK_SECONDS."""
_PROXY_HEALTH = 10256  # kube-proxy's own health, asked where a Service has no health-check port


@dataclass(frozen=True)
class Front:
    """One port of one Service: where it listens, and the ports of every node that it leads to."""

    name: str
    address: str
    port: int
    node_port: int
    health_port: int | None


def configuration(fronts: Iterable[Front], nodes: Mapping[str, str], folder: Path) -> str:
    """haproxy's configuration file; ``nodes`` are addresses by name."""
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
{CHECKS}"""
    ]
    for front in fronts:
        servers = "\n".join(
            f"  server {name} {address}:{front.node_port} check port {front.health_port or _PROXY_HEALTH}"
            for name, address in nodes.items()
        )
        parts.append(f"""listen {front.name}
  bind {front.address}:{front.port}
  balance roundrobin
  option httpchk GET /healthz
{servers}
""")
    return "".join(parts)


def say(folder: Path, command: str) -> str:
    """Gives one command to the running program and returns its answer. Raises OSError where it does not run."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(f"{folder}/haproxy.sock")
        connection.sendall(f"{command}\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
