"""Where a Service is reached from outside, and whether that is this very machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


def of_service(service: Any) -> tuple[str, bool]:
    """The address of its load balancer as a URL, and whether it is this machine's own; ("", False) where there is none."""
    ingress = ((service.status.load_balancer and service.status.load_balancer.ingress) or [None])[0]
    host = ingress and (ingress.ip or ingress.hostname)
    if not host or not service.spec.ports:
        return "", False
    return f"http://{f'[{host}]' if ':' in host else host}:{service.spec.ports[0].port}/", is_own(host)


def is_own(host: str) -> bool:
    """Whether an IP address is one of this machine's: then nothing leaves it. A name is not looked up, and so is not."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    if found.is_unspecified or found.is_multicast:
        return False
    with socket.socket(socket.AF_INET6 if found.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
