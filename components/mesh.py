"""What a service mesh needs to know of the backend: its Service, the traffic of the proxies, how requests are retried."""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .backend_scope import Scope
from .settings.mesh import ISTIOS, MOST_EJECTED_PERCENT, RETRY_ON
from .settings.mesh import control_plane as own_namespace
from .settings.network import Destination

ISTIO_API = "networking.istio.io/v1"
# Between two pods of the mesh all requests arrive on it, whatever the port that they are for: HBONE in Istio's ambient mode,
# the inbound port of the other pod's proxy in Linkerd.
_TUNNELS = {"istio-ambient": 15008, "linkerd": 4143}
# Where the proxies ask: istiod for configuration and certificates; Linkerd's identity, destination and policy.
_CONTROL_PORTS = {"istio": [15012], "linkerd": [8080, 8086, 8090]}
# From where the kubelet's checks seem to come in ambient mode, so that they pass by the tunnel (HOST_PROBE_SNAT_IP).
_PROBES = ("169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128")
_LONGEST_PENALTY = 60


def protocol(scope: Scope) -> str | None:
    """appProtocol of the Service's port; left out where its name alone must tell a mesh.

    Azure asks a Service with `http` for `/` of it, and takes its nodes out where that is no page, unless the policy is Local.
    """
    balancer = scope.settings.load_balancer
    asked = balancer.enabled and balancer.external_traffic_policy == "Cluster"
    return None if scope.settings.mesh == "none" or asked else "http"


def service_meta(scope: Scope) -> ObjectMetaArgs:
    """The Service's metadata: Linkerd's clients read there what to retry and when to pass over a pod, Istio's where to go."""
    options = scope.settings.mesh_options
    if scope.settings.mesh == "linkerd":
        return scope.meta(annotations={**_linkerd_retry(scope), **_linkerd_accrual(scope)} or None)
    if not options.waypoint:
        return scope.meta()
    waypoint = {
        "istio.io/use-waypoint": options.waypoint.name,
        "istio.io/use-waypoint-namespace": options.waypoint.namespace,
    }
    return scope.meta(labels=waypoint)


def tunnel_port(scope: Scope) -> int | None:
    """The port on which requests of the mesh arrive besides the backend's own; None where they come on that."""
    return _TUNNELS.get(scope.settings.mesh)


def client_namespaces(scope: Scope) -> list[str]:
    """From where they may: a NetworkPolicy cannot see which port a tunnel leads to. None where it is from everywhere."""
    network, waypoint = scope.settings.network, scope.settings.mesh_options.waypoint
    if not network.allow_from:
        return []
    return list(
        dict.fromkeys([*network.allow_from, *network.allow_metrics_from, *([waypoint.namespace] if waypoint else [])])
    )


def probe_addresses(scope: Scope) -> tuple[str, ...]:
    """Addresses that the node's own health checks come from, where they are not the node's."""
    return _PROBES if scope.settings.mesh == "istio-ambient" else ()


def control_plane(scope: Scope) -> list[Destination]:
    """What the proxy in each pod connects to by itself."""
    mesh, ports = scope.settings.mesh, _CONTROL_PORTS.get(scope.settings.mesh)
    return [Destination(namespace=own_namespace(mesh, scope.settings.mesh_options), ports=ports)] if ports else []


def destination_rule(
    scope: Scope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """When Istio's proxies pass over a pod; None where they do not."""
    wanted = scope.settings.mesh_options.outlier_detection
    if wanted.consecutive_failures is None or scope.settings.mesh not in ISTIOS:
        return None
    detection = {
        "consecutiveGatewayErrors": wanted.consecutive_failures,
        "consecutive5xxErrors": 0,  # an error of the backend's own is the same on every pod
        "interval": "1s",
        "baseEjectionTime": f"{wanted.ejection_seconds}s",
        "maxEjectionPercent": MOST_EJECTED_PERCENT,
    }
    return _made(
        scope,
        service,
        "DestinationRule",
        "destination-rule",
        {"host": scope.settings.name, "trafficPolicy": {"outlierDetection": detection}},
    )


def virtual_service(
    scope: Scope, service: kubernetes.core.v1.Service
) -> kubernetes.apiextensions.CustomResource | None:
    """What Istio's proxies send once more. No HTTPRoute: Istio makes no retry after a reset connection of one."""
    attempts = scope.settings.mesh_options.retry_attempts
    if attempts is None or scope.settings.mesh not in ISTIOS:
        return None
    name = scope.settings.name
    route = [{"destination": {"host": name, "port": {"number": scope.settings.service_port}}}]
    return _made(
        scope,
        service,
        "VirtualService",
        "virtual-service",
        {"hosts": [name], "http": [{"route": route, "retries": {"attempts": attempts, "retryOn": RETRY_ON}}]},
    )


def _made(
    scope: Scope, service: kubernetes.core.v1.Service, kind: str, name: str, spec: dict[str, Any]
) -> kubernetes.apiextensions.CustomResource:
    return kubernetes.apiextensions.CustomResource(
        f"{scope.prefix}-{name}",
        api_version=ISTIO_API,
        kind=kind,
        metadata=scope.meta(),
        spec=spec,
        opts=scope.replaceable([service]),
    )


def _linkerd_retry(scope: Scope) -> dict[str, str]:
    attempts = scope.settings.mesh_options.retry_attempts
    return (
        {} if attempts is None else {"retry.linkerd.io/http": "gateway-error", "retry.linkerd.io/limit": str(attempts)}
    )


def _linkerd_accrual(scope: Scope) -> dict[str, str]:
    wanted = scope.settings.mesh_options.outlier_detection
    if wanted.consecutive_failures is None:
        return {}
    key, least = "balancer.linkerd.io/failure-accrual", wanted.ejection_seconds
    return {
        key: "consecutive",
        f"{key}-consecutive-max-failures": str(wanted.consecutive_failures),
        f"{key}-consecutive-min-penalty": f"{least}s",
        f"{key}-consecutive-max-penalty": f"{max(_LONGEST_PENALTY, 2 * least)}s",
    }
