"""The ports of the Service: the main one, and those that the overrides add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backend import BackendSettings


def added(backend: BackendSettings) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the key and the fields of each further port. The fields of the main port are no port of their own."""
    for number, port in enumerate(backend.overrides.spec("service").get("ports") or ()):
        if not _is_main(backend, port):
            yield f"overrides.service.spec.ports[{number}]", port


def main(backend: BackendSettings) -> Mapping[str, Any]:
    """Return the fields that the overrides add to the main port."""
    ports = backend.overrides.spec("service").get("ports") or ()
    return next((port for port in ports if _is_main(backend, port)), {})


def main_name(backend: BackendSettings) -> str:
    """Return the name of the main port in the Service."""
    return str(main(backend).get("name") or backend.port_name)


def targets(backend: BackendSettings) -> list[tuple[int | str, str]]:
    """Return the ports of the pods that the Service sends to, with their transport protocol, the main one first."""
    ports = [(main(backend).get("targetPort", backend.port_name), backend.transport)]
    ports += [(port.get("targetPort", port["port"]), port.get("protocol", "TCP")) for _, port in added(backend)]
    return list(dict.fromkeys(ports))


def _is_main(backend: BackendSettings, port: Mapping[str, Any]) -> bool:
    return bool(port["port"] == backend.service_port and port.get("protocol", "TCP") == backend.transport)
