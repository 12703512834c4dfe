"""The traffic that is let through: nothing, and then what the backend needs."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from . import mesh
from .backend_scope import Scope
from .namespace_scope import Space
from .settings.network import Destination

BOTH = ["Ingress", "Egress"]
DNS = 53


def default_deny(space: Space, after: pulumi.Resource) -> kubernetes.networking.v1.NetworkPolicy:
    """Refuses all traffic of every pod in the namespace, ``after`` what a backend that runs already needs is open."""
    return kubernetes.networking.v1.NetworkPolicy(
        f"{space.prefix}-default-deny",
        metadata=space.meta(suffix="default-deny"),
        spec=NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=BOTH),
        opts=space.options([after]),
    )


def openings(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.networking.v1.NetworkPolicy:
    """Its port, DNS, and what the settings name. The kubelet's health checks are never refused."""
    network = scope.settings.network
    # By name: each pod is reached on the port of its own release. From everywhere: a load balancer's traffic arrives from the
    # addresses of nodes, which are not known here.
    served: list[int | str] = ["http"]
    if scope.taken_over:
        served.append(scope.settings.port)  # pods that were taken over have no port of that name
    allowed = [_namespace(name) for name in network.allow_from]
    if allowed:
        allowed += [_block(address) for address in mesh.probe_addresses(scope)]
    ingress = [NetworkPolicyIngressRuleArgs(ports=[_port(port) for port in served], from_=allowed or None)]
    if network.allow_metrics_from:
        ingress.append(
            NetworkPolicyIngressRuleArgs(
                ports=[_port("metrics")], from_=[_namespace(name) for name in network.allow_metrics_from]
            )
        )
    tunnel, clients = mesh.tunnel_port(scope), mesh.client_namespaces(scope)
    if tunnel:
        ingress.append(
            NetworkPolicyIngressRuleArgs(ports=[_port(tunnel)], from_=[_namespace(name) for name in clients] or None)
        )
    return kubernetes.networking.v1.NetworkPolicy(
        f"{scope.prefix}-network-policy",
        metadata=scope.meta(),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=scope.selector),
            policy_types=BOTH,
            ingress=ingress,
            # DNS to everywhere: where it is answered differs from cluster to cluster, on the node itself in some.
            egress=[
                NetworkPolicyEgressRuleArgs(ports=[_port(DNS, "UDP"), _port(DNS)]),
                *(_egress(one, tunnel) for one in [*network.egress, *mesh.control_plane(scope)]),
            ],
        ),
        opts=scope.options([namespace]),
    )


def _egress(destination: Destination, tunnel: int | None) -> NetworkPolicyEgressRuleArgs:
    peer = _namespace(destination.namespace) if destination.namespace else _block(destination.cidr or "")
    # What is in the mesh as well is reached through the tunnel, whatever the port.
    ports = [*destination.ports, *([tunnel] if tunnel else [])] if destination.ports else []
    return NetworkPolicyEgressRuleArgs(to=[peer], ports=[_port(port) for port in ports] or None)


def _block(addresses: str) -> NetworkPolicyPeerArgs:
    return NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=addresses))


def _namespace(name: str) -> NetworkPolicyPeerArgs:
    # The API server gives every namespace this label itself.
    return NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": name})
    )


def _port(number: int | str, protocol: str = "TCP") -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(port=number, protocol=protocol)
