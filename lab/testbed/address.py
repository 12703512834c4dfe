"""The external address of a Service, and whether it belongs to this machine."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


def service_url(service: Any) -> tuple[str, bool]:
    """Return the URL of its load balancer, and whether the address is local; ("", False) without one."""
    ingress = ((service.status.load_balancer and service.status.load_balancer.ingress) or [None])[0]
    host = ingress and (ingress.ip or ingress.hostname)
    if not host or not service.spec.ports:
        return "", False
    return f"http://{f'[{host}]' if ':' in host else host}:{service.spec.ports[0].port}/", is_local(host)


def is_local(host: str) -> bool:
    """Report whether an IP address belongs to this machine. A host name is not resolved, so it never does."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_unspecified or address.is_multicast:
        return False
    with socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
