"""What prevents the adoption of a running Service."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import adoption as errors
from ..errors import tagged
from ..settings import BackendSettings, service_ports
from .namespace_contents import Object

_KEY = "ha-backend:backend"


def objections(backend: BackendSettings, deployment: Object, service: Object | None) -> Iterator[str]:
    """Yield why the Service cannot become the one that the settings describe; none if it does not exist."""
    if service is None:
        return
    name, spec = backend.name, service["spec"]
    if spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
        yield tagged(
            f"Service {name} has no address of its own and cannot become a load balancer in place: rename it, or "
            "delete it once no client uses it",
            errors.SERVICE_HEADLESS,
        )
        return
    kept = {_key(port): port.get("targetPort", port["port"]) for _, port in service_ports.added(backend)}
    for port in spec.get("ports") or ():
        if _key(port) in kept:
            yield from _further(name, port, kept[_key(port)], deployment)
        elif port["port"] != backend.service_port:
            yield tagged(
                f"{_KEY}.servicePort: {backend.service_port} differs from port {port['port']} of Service {name}, which "
                f"clients use: set it to {port['port']}, name the port in overrides.service.spec.ports, or remove it "
                "once no client uses it",
                errors.PORT_DIFFERS,
            )
        elif (target := _target_port(port, deployment)) not in (None, backend.port):
            yield tagged(
                f"{_KEY}.port: {backend.port} is not the port that the running pods listen on: set it to {target} (you "
                "can change it after the adoption)",
                errors.PORT_DIFFERS,
            )


def _key(port: Object) -> tuple[int, str]:
    return port["port"], port.get("protocol", "TCP")


def _further(name: str, port: Object, target: int | str, deployment: Object) -> Iterator[str]:
    before = _target_port(port, deployment)
    if before not in (None, target) and port.get("targetPort", port["port"]) != target:
        yield tagged(
            f"{_KEY}.overrides.service.spec.ports: port {port['port']} of Service {name} leads to {before} now, and to "
            f"{target} in the settings: set its targetPort to {before} (you can change it after the adoption)",
            errors.PORT_DIFFERS,
        )


def _target_port(port: Object, deployment: Object) -> int | None:
    """Return the container port behind a Service's port; None if a named one does not exist."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    container_ports = [
        one
        for container in deployment["spec"]["template"]["spec"]["containers"]
        for one in container.get("ports") or ()
    ]
    return next((one["containerPort"] for one in container_ports if one.get("name") == target), None)
