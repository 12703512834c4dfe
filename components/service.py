"""The Service: one stable address for all ready pods."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs

from . import mesh
from .availability import timing
from .backend_scope import BackendScope
from .merge import merge
from .settings import BackendSettings, service_ports

_SCHEMES, _DEFAULT_PORTS = {"h2c": "http"}, {"http": 80, "https": 443}
_LOAD_BALANCER_SECONDS = 600  # a cloud's load balancer takes minutes


def service(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> kubernetes.core.v1.Service:
    """Register the Service, of type LoadBalancer unless the settings disable it.

    Pulumi waits for its address and for ready pods behind it.
    """
    backend, load_balancer = scope.settings, scope.settings.load_balancer
    # It has no ready pods before the Deployment has.
    timeout = f"{max(_LOAD_BALANCER_SECONDS, timing.rollout_timeout(backend))}s"
    metadata = mesh.service_metadata(scope)
    merge(metadata, backend.overrides.metadata("service"))
    # The target port is a name: each pod is reached on the port of its own release, also while the number changes.
    port = ServicePortArgs(
        name=backend.port_name,
        port=backend.service_port,
        target_port=backend.port_name,
        protocol=backend.transport,
        app_protocol=mesh.app_protocol(scope),
    )
    merge(port, service_ports.main(backend))
    spec = ServiceSpecArgs(
        type="LoadBalancer" if load_balancer.enabled else "ClusterIP",
        selector=scope.selector,
        # With "Local", each node has its own health-check port, where the load balancer learns whether the node has a
        # ready pod; it leaves a lost node out by itself. A terminating pod serves for longer than that check takes, and
        # since Kubernetes 1.28 its node still forwards requests to it (KEP-1669).
        external_traffic_policy=load_balancer.external_traffic_policy if load_balancer.enabled else None,
        ports=[port],
    )
    added = [each for _, each in service_ports.added(backend)]
    merge(spec, {**backend.overrides.spec("service"), "ports": added})
    return kubernetes.core.v1.Service(
        f"{scope.prefix}-service",
        metadata=metadata,
        spec=spec,
        opts=scope.options(
            depends_on, custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout, delete="10m")
        ),
    )


def endpoint(service: kubernetes.core.v1.Service, backend: BackendSettings) -> pulumi.Output[str | None]:
    """Return the backend's URL at the load balancer; None until it has an address."""
    return service.status.apply(lambda status: _url(status, backend))


def _url(status: kubernetes.core.v1.outputs.ServiceStatus | None, backend: BackendSettings) -> str | None:
    addresses = (status.load_balancer.ingress or []) if status and status.load_balancer else []
    host = next((address.hostname or address.ip for address in addresses), None)
    if host is None:
        return None
    host = f"[{host}]" if ":" in host else host
    port, scheme = backend.service_port, _scheme(backend)
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS.get(scheme) else f"{scheme}://{host}:{port}"


def _scheme(backend: BackendSettings) -> str:
    """Return the URL's scheme. A port 443 of plain HTTP is one whose load balancer ends TLS."""
    return (
        "https"
        if backend.protocol == "http" and backend.service_port == 443
        else _SCHEMES.get(backend.protocol, backend.protocol)
    )
