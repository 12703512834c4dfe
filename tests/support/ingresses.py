"""Settings of an Ingress and an HTTPRoute."""

from __future__ import annotations

from typing import Any

INGRESS: dict[str, Any] = {
    "hosts": ["shop.example.com", "*.shop.example.com"],
    "className": "nginx",
    "path": "/shop",
    "tlsSecretName": "shop-tls",
    "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"},
}
ROUTE: dict[str, Any] = {
    "parentRefs": [{"name": "edge", "namespace": "gateways", "sectionName": "https"}, {"name": "inner"}],
    "hostnames": ["shop.example.com"],
    "timeoutSeconds": 30,
}
ROUTE_WITH_RETRIES: dict[str, Any] = {
    **ROUTE,
    "backendTimeoutSeconds": 10,
    "retry": {"attempts": 2, "codes": [502, 503], "backoffMilliseconds": 50},
}
NO_LOAD_BALANCER: dict[str, Any] = {"loadBalancer": {"enabled": False}}
