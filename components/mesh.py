"""What a service mesh needs: annotations on the Service, ports of its proxies, and Istio's traffic resources."""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .backend_scope import BackendScope
from .settings.mesh import ISTIO_MESHES, MAX_EJECTION_PERCENT, RETRY_ON
from .settings.mesh import control_plane as control_plane_namespace
from .settings.network import Destination

ISTIO_API = "networking.istio.io/v1"
# Between two pods of the mesh, every request arrives on this port, whatever its target port: HBONE in Istio's ambient
# mode, the inbound port of the other pod's proxy in Linkerd.
_TUNNELS = {"istio-ambient": 15008, "linkerd": 4143}
# Ports of the control plane: istiod's for configuration and certificates; Linkerd's identity, destination and policy.
_CONTROL_PORTS = {"istio": [15012], "linkerd": [8080, 8086, 8090]}
# Source addresses of the kubelet's probes in ambient mode, so that they bypass the tunnel (HOST_PROBE_SNAT_IP).
_PROBES = ("169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128")
_MAX_PENALTY_SECONDS = 60
# Names of IANA, and Kubernetes' own for HTTP/2 without TLS. A UDP port has none.
_APP_PROTOCOLS = {"https": "https", "h2c": "kubernetes.io/h2c", "grpc": "grpc", "tcp": "tcp"}


def app_protocol(scope: BackendScope) -> str | None:
    """Return the appProtocol of the Service's port; None where the port's name alone must tell what it speaks.

    With `http`, Azure's load balancer probes `/` of the Service unless the policy is Local, and removes the nodes if
    that is not a page.
    """
    if scope.settings.protocol != "http":
        return _APP_PROTOCOLS.get(scope.settings.protocol)
    load_balancer = scope.settings.load_balancer
    probed = load_balancer.enabled and load_balancer.external_traffic_policy == "Cluster"
    return None if scope.settings.mesh == "none" or probed else "http"


def service_metadata(scope: BackendScope) -> ObjectMetaArgs:
    """Return the Service's metadata, from which Linkerd reads retries and failure accrual, and Istio the waypoint."""
    options = scope.settings.mesh_options
    if scope.settings.mesh == "linkerd":
        return scope.metadata(annotations={**_linkerd_retry(scope), **_linkerd_accrual(scope)} or None)
    if not options.waypoint:
        return scope.metadata()
    waypoint = {
        "istio.io/use-waypoint": options.waypoint.name,
        "istio.io/use-waypoint-namespace": options.waypoint.namespace,
    }
    return scope.metadata(labels=waypoint)


def tunnel_port(scope: BackendScope) -> int | None:
    """Return the port on which the mesh delivers requests; None if it delivers them on the backend's own port."""
    return _TUNNELS.get(scope.settings.mesh)


def client_namespaces(scope: BackendScope) -> list[str]:
    """Return the namespaces that may use the tunnel; an empty list allows every source.

    A NetworkPolicy cannot see the target port inside a tunnel, so that the clients of all ports share one rule.
    """
    network, waypoint = scope.settings.network, scope.settings.mesh_options.waypoint
    if not network.allow_from:
        return []
    return list(
        dict.fromkeys([*network.allow_from, *network.allow_metrics_from, *([waypoint.namespace] if waypoint else [])])
    )


def probe_addresses(scope: BackendScope) -> tuple[str, ...]:
    """Return the source addresses of the kubelet's probes where the mesh rewrites them."""
    return _PROBES if scope.settings.mesh == "istio-ambient" else ()


def control_plane(scope: BackendScope) -> list[Destination]:
    """Return the destinations that the proxy in each pod connects to by itself."""
    mesh, ports = scope.settings.mesh, _CONTROL_PORTS.get(scope.settings.mesh)
    if not ports:
        return []
    return [Destination(namespace=control_plane_namespace(mesh, scope.settings.mesh_options), ports=ports)]


def destination_rule(
    scope: BackendScope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """Register Istio's outlier detection; return None if it is off or the mesh is not Istio."""
    settings = scope.settings.mesh_options.outlier_detection
    if settings.consecutive_failures is None or scope.settings.mesh not in ISTIO_MESHES:
        return None
    detection = {
        "consecutiveGatewayErrors": settings.consecutive_failures,
        "consecutive5xxErrors": 0,  # an error of the backend itself is the same on every pod
        "interval": "1s",
        "baseEjectionTime": f"{settings.ejection_seconds}s",
        "maxEjectionPercent": MAX_EJECTION_PERCENT,
    }
    spec = {"host": scope.settings.name, "trafficPolicy": {"outlierDetection": detection}}
    return _custom_resource(scope, service, "DestinationRule", "destination-rule", spec)


def virtual_service(
    scope: BackendScope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """Register Istio's retries; return None if they are off or the mesh is not Istio.

    An HTTPRoute would not do: with it, Istio does not retry after a reset connection.
    """
    attempts = scope.settings.mesh_options.retry_attempts
    if attempts is None or scope.settings.mesh not in ISTIO_MESHES:
        return None
    name = scope.settings.name
    route = [{"destination": {"host": name, "port": {"number": scope.settings.service_port}}}]
    spec = {"hosts": [name], "http": [{"route": route, "retries": {"attempts": attempts, "retryOn": RETRY_ON}}]}
    return _custom_resource(scope, service, "VirtualService", "virtual-service", spec)


def _custom_resource(
    scope: BackendScope, service: kubernetes.core.v1.Service, kind: str, name: str, spec: dict[str, Any]
) -> kubernetes.apiextensions.CustomResource:
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-{name}",
        api_version=ISTIO_API,
        kind=kind,
        metadata=scope.metadata(),
        spec=spec,
        opts=scope.replaceable_options([service]),
    )


def _linkerd_retry(scope: BackendScope) -> dict[str, str]:
    attempts = scope.settings.mesh_options.retry_attempts
    if attempts is None:
        return {}
    return {"retry.linkerd.io/http": "gateway-error", "retry.linkerd.io/limit": str(attempts)}


def _linkerd_accrual(scope: BackendScope) -> dict[str, str]:
    settings = scope.settings.mesh_options.outlier_detection
    if settings.consecutive_failures is None:
        return {}
    key, min_seconds = "balancer.linkerd.io/failure-accrual", settings.ejection_seconds
    return {
        key: "consecutive",
        f"{key}-consecutive-max-failures": str(settings.consecutive_failures),
        f"{key}-consecutive-min-penalty": f"{min_seconds}s",
        f"{key}-consecutive-max-penalty": f"{max(_MAX_PENALTY_SECONDS, 2 * min_seconds)}s",
    }
