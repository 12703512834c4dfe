"""The settings of the NetworkPolicies, which reject all traffic that no rule allows."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from ..errors import settings as errors
from .base import InvalidValueError, Namespace, SettingsModel

Port = Annotated[int, Field(ge=1, le=65535)]


def _cidr(text: str) -> str:
    _, slash, bits = text.partition("/")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        network = None
    # Python accepts scoped and IPv4-mapped IPv6 addresses; Kubernetes rejects them.
    rejected = "%" in text or text.lower().startswith("::ffff:")
    if network is None or rejected or not slash or not bits.isdecimal():
        raise InvalidValueError(
            "is not a CIDR block: use, for example, 10.0.0.0/8 or 192.0.2.7/32", errors.INVALID_FORMAT
        )
    if str(network) != text:
        raise InvalidValueError(f"is not in the form that Kubernetes requires: use {network}", errors.INVALID_FORMAT)
    return text


class Destination(SettingsModel):
    """A destination that the backend connects to: either a CIDR block or a namespace."""

    cidr: Annotated[str, AfterValidator(_cidr)] | None = Field(
        None, description="CIDR block of the destination, such as 10.20.0.0/16. Set either this or `namespace`."
    )
    namespace: Namespace | None = Field(
        None, description="Namespace in the same cluster; all of its pods are destinations. Set either this or `cidr`."
    )
    ports: list[Port] = Field(
        default_factory=list, max_length=20, description="TCP ports of the destination. If omitted, all ports."
    )


class Network(SettingsModel):
    """Allow rules of the NetworkPolicies.

    Always allowed are `port` (from everywhere, or from `allowFrom`), DNS, and the kubelet's probes.
    """

    egress: list[Destination] = Field(
        default_factory=list,
        max_length=50,
        description="Destinations that the backend connects to, such as its database. If the cluster enforces "
        "NetworkPolicies, connections to all others are rejected. The rules apply to the previous release as well: to "
        "replace a destination, add the new one, run `pulumi up`, then remove the old one.",
    )
    allow_from: list[Namespace] = Field(
        default_factory=list,
        max_length=20,
        description="Namespaces that may connect to `port`, such as that of an Ingress controller or a Gateway. "
        "Requires `loadBalancer.enabled: false`, because requests from a load balancer arrive from the addresses of "
        "nodes. If omitted, all namespaces and clients outside the cluster may connect.",
    )
    allow_metrics_from: list[Namespace] = Field(
        default_factory=list,
        max_length=20,
        description="Namespaces that may connect to `metricsPort`, such as that of Prometheus. If omitted, none may.",
    )
