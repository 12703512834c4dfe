"""The Service: one address in front of all ready pods."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs

from . import mesh
from .availability import timing
from .backend_scope import Scope


def service(scope: Scope, after: Sequence[pulumi.Resource]) -> kubernetes.core.v1.Service:
    """A load balancer, unless the settings want none. The engine waits for its address and for ready pods behind it."""
    backend, balanced = scope.settings, scope.settings.load_balancer.enabled
    # A cloud's load balancer takes minutes; and it has ready pods behind it no sooner than the Deployment has.
    timeout = f"{max(600, timing.rollout_timeout(backend))}s"
    return kubernetes.core.v1.Service(
        f"{scope.prefix}-service",
        metadata=mesh.service_meta(scope),
        spec=ServiceSpecArgs(
            type="LoadBalancer" if balanced else "ClusterIP",
            selector=scope.selector,
            # "Local" gives each node a port of its own on which the load balancer asks whether a ready pod is there, so that
            # it leaves a lost node out by itself. A pod that is going serves on for longer than that check takes, and since
            # Kubernetes 1.28 its node still passes requests on to it (KEP-1669).
            external_traffic_policy=backend.load_balancer.external_traffic_policy if balanced else None,
            # By name: each pod is reached on the port of its own release, also while that changes.
            ports=[
                ServicePortArgs(
                    name="http",
                    port=backend.service_port,
                    target_port="http",
                    protocol="TCP",
                    app_protocol=mesh.protocol(scope),
                )
            ],
        ),
        opts=scope.options(after, custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout, delete="10m")),
    )


def endpoint(service: kubernetes.core.v1.Service, port: int) -> pulumi.Output[str | None]:
    """The backend's URL from outside, as soon as the load balancer has an address."""
    return service.status.apply(lambda status: _url(status, port))


def _url(status: kubernetes.core.v1.outputs.ServiceStatus | None, port: int) -> str | None:
    ingress = (status.load_balancer.ingress or []) if status and status.load_balancer else []
    host = next((entry.hostname or entry.ip for entry in ingress), None)
    if host is None:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"
