"""Tell what a port speaks, as far as the manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# By appProtocol, and by the beginning of a port's name (Istio's convention).
_APP_PROTOCOLS = {
    "http": "http",
    "https": "https",
    "kubernetes.io/h2c": "h2c",
    "kubernetes.io/ws": "http",
    "kubernetes.io/wss": "https",
    "grpc": "grpc",
    "tcp": "tcp",
    "tls": "tcp",
}
_PREFIXES = {
    "https": "https",
    "http2": "h2c",
    "h2c": "h2c",
    "grpc": "grpc",
    "http": "http",
    "web": "http",
    "tcp": "tcp",
    "tls": "tcp",
}


def protocol(entry: dict[str, Any], own: dict[str, Any], container: dict[str, Any]) -> tuple[str, bool]:
    """Return what a port speaks, and whether the manifest says so. Otherwise it is what the port number stands for."""
    if entry.get("protocol", "TCP") == "UDP":
        return "udp", True
    if (stated := str(entry.get("appProtocol", "")).lower()) in _APP_PROTOCOLS:
        return _APP_PROTOCOLS[stated], True
    for action, body in _probes(container):
        if action in ("grpc", "httpGet") and body.get("port") in (own.get("name"), own.get("containerPort")):
            spoken = "grpc" if action == "grpc" else "https" if body.get("scheme") == "HTTPS" else "http"
            return spoken, True
    for title in (str(entry.get("name", "")), str(own.get("name", ""))):
        for prefix, spoken in _PREFIXES.items():
            if title == prefix or title.startswith(f"{prefix}-"):
                return spoken, True
    return ("http" if entry["port"] in (80, 8080) else "tcp"), False


def _probes(container: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("readinessProbe", "livenessProbe", "startupProbe"):
        for action, body in (container.get(key) or {}).items():
            if isinstance(body, dict):
                yield action, body
