"""Rules about ports and about the traffic that the NetworkPolicies allow."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ..backend import BackendSettings
from ..conflict import Conflict


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of ports, egress destinations and allow rules."""
    network = backend.network
    for number, destination in enumerate(network.egress):
        if (destination.cidr is None) == (destination.namespace is None):
            yield Conflict(
                f"network.egress[{number}]",
                destination.model_dump(by_alias=True, exclude_unset=True),
                "must set exactly one of cidr and namespace: split it into two entries, or add the missing key",
                ("network.egress",),
                kind=contradictions.EGRESS_DESTINATION,
            )
    if network.allow_metrics_from and backend.metrics_port is None:
        yield Conflict(
            "network.allowMetricsFrom",
            network.allow_metrics_from,
            "allows access to a port that does not exist: set metricsPort",
            ("metricsPort",),
            kind=contradictions.METRICS_PORT_MISSING,
        )
    if network.allow_from and backend.load_balancer.enabled:
        yield Conflict(
            "network.allowFrom",
            network.allow_from,
            "would reject requests from the load balancer, which arrive from the addresses of nodes: omit it, or set "
            "loadBalancer.enabled to false",
            ("loadBalancer.enabled",),
            kind=contradictions.ALLOW_FROM_WITH_LOAD_BALANCER,
        )
