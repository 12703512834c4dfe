"""The Ingress: HTTP routing to the Service by host and path."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    IngressBackendArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    IngressTLSArgs,
    ServiceBackendPortArgs,
)

from .backend_scope import BackendScope
from .settings import service_ports
from .settings.ingress import IngressPath


def ingress(scope: BackendScope, service: kubernetes.core.v1.Service) -> kubernetes.networking.v1.Ingress | None:
    """Register the Ingress; return None if the settings name no host.

    Pulumi waits until an ingress controller assigns an address.
    """
    settings = scope.settings.ingress
    if not settings.hosts:
        return None
    paths = HTTPIngressRuleValueArgs(
        paths=[
            HTTPIngressPathArgs(path=each.path, path_type=each.path_type, backend=_backend(scope, each.port))
            for each in settings.paths
            or [IngressPath.model_construct(path=settings.path, path_type="Prefix", port=None)]
        ]
    )
    return kubernetes.networking.v1.Ingress(
        f"{scope.prefix}-ingress",
        metadata=scope.metadata(annotations=dict(settings.annotations) or None),
        spec=IngressSpecArgs(
            ingress_class_name=settings.class_name,
            rules=[IngressRuleArgs(host=host, http=paths) for host in settings.hosts],
            tls=[IngressTLSArgs(hosts=list(settings.hosts), secret_name=settings.tls_secret_name)]
            if settings.tls_secret_name
            else None,
        ),
        opts=scope.options([service], custom_timeouts=pulumi.CustomTimeouts(create="5m", update="5m")),
    )


def _backend(scope: BackendScope, port: str | None) -> IngressBackendArgs:
    # The name of a port stays valid when its number changes.
    name = port or service_ports.main_name(scope.settings)
    service = IngressServiceBackendArgs(name=scope.settings.name, port=ServiceBackendPortArgs(name=name))
    return IngressBackendArgs(service=service)


def url(scope: BackendScope) -> str | None:
    """Return the backend's URL at the Ingress; None without an Ingress.

    An HTTPRoute gives no URL: the listeners of its Gateway decide on the port and the protocol.
    """
    settings = scope.settings.ingress
    if not settings.hosts:
        return None
    path = settings.paths[0].path if settings.paths else settings.path
    return f"{'https' if settings.tls_secret_name else 'http'}://{settings.hosts[0]}{path.rstrip('/')}"
