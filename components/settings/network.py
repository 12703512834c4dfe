"""What a stack may say of the traffic that is let through. All else is refused, by NetworkPolicy."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from .base import Group, Namespace

Port = Annotated[int, Field(ge=1, le=65535)]


def _block(text: str) -> str:
    _, slash, bits = text.partition("/")
    try:
        whole = ipaddress.ip_network(text, strict=False)
    except ValueError:
        whole = None
    # An address with a zone, or of IPv4 in the clothes of IPv6, is one to Python and none to Kubernetes.
    foreign = "%" in text or text.lower().startswith("::ffff:")
    if whole is None or foreign or not slash or not bits.isdecimal():
        raise ValueError("is not a block of addresses; right would be, for example, 10.0.0.0/8 or 192.0.2.7/32")
    if str(whole) != text:
        raise ValueError(f"is not written as Kubernetes wants it; right would be {whole}")
    return text


class Destination(Group):
    """Somewhere the backend connects to: a block of addresses, a namespace, or both in two entries."""

    cidr: Annotated[str, AfterValidator(_block)] | None = Field(
        None, description="Block of addresses, e.g. 10.20.0.0/16."
    )
    namespace: Namespace | None = Field(None, description="Namespace in the same cluster, all of its pods.")
    ports: list[Port] = Field(default_factory=list, max_length=20, description="TCP ports. Left out: all.")


class Network(Group):
    """Openings. Always open: `port` (from everywhere, or from where `allowFrom` says), DNS, the node's own health checks."""

    egress: list[Destination] = Field(
        default_factory=list,
        max_length=50,
        description="What the backend connects to, such as "
        "its database. Anything not named is refused where the cluster enforces NetworkPolicies. "
        "It holds for the old release as well: to replace one, add the new, `up`, take the "
        "old out.",
    )
    allow_from: list[Namespace] = Field(
        default_factory=list,
        max_length=20,
        description="Namespaces that may reach `port`, "
        "such as that of an Ingress controller or a Gateway. Left out: all, and what is "
        "outside of the cluster. Only with `loadBalancer.enabled: false`: a load balancer's "
        "requests come from the addresses of nodes.",
    )
    allow_metrics_from: list[Namespace] = Field(
        default_factory=list, max_length=20, description="Namespaces that may read `metricsPort`."
    )
