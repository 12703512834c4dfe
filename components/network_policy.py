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

from components.scope import Scope
from components.space import Space
from settings.network import Destination

BOTH = ["Ingress", "Egress"]
DNS = 53


def default_deny(space: Space, after: pulumi.Resource) -> kubernetes.networking.v1.NetworkPolicy:
    """Refuses all traffic of every pod in the namespace, ``after`` what a backend that runs already needs is open."""
    return kubernetes.networking.v1.NetworkPolicy(
        f"{space.prefix}-default-deny",
        metadata=space.meta(suffix="default-deny"),
        spec=NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=BOTH),
        opts=space.options([after]))


def openings(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.networking.v1.NetworkPolicy:
    """Its port, DNS, and what the settings name. The kubelet's health checks are never refused."""
    network = scope.settings.network
    # By name: each pod is reached on the port of its own release. From everywhere: a load balancer's traffic arrives from the
    # addresses of nodes, which are not known here.
    served: list[int | str] = ["http"]
    if scope.taken_over:
        served.append(scope.settings.port)  # pods that were taken over have no port of that name
    ingress = [NetworkPolicyIngressRuleArgs(ports=[_port(port) for port in served],
                                            from_=[_namespace(name) for name in network.served_from] or None)]
    if network.metrics_from:
        ingress.append(NetworkPolicyIngressRuleArgs(ports=[_port("metrics")],
                                                    from_=[_namespace(name) for name in network.metrics_from]))
    return kubernetes.networking.v1.NetworkPolicy(
        f"{scope.prefix}-network-policy",
        metadata=scope.meta(),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=scope.selector),
            policy_types=BOTH,
            ingress=ingress,
            # DNS to everywhere: where it is answered differs from cluster to cluster, on the node itself in some.
            egress=[NetworkPolicyEgressRuleArgs(ports=[_port(DNS, "UDP"), _port(DNS)]), *map(_egress, network.egress)]),
        opts=scope.options([namespace]))


def _egress(destination: Destination) -> NetworkPolicyEgressRuleArgs:
    peer = (_namespace(destination.namespace) if destination.namespace
            else NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=destination.cidr or "")))
    return NetworkPolicyEgressRuleArgs(to=[peer], ports=[_port(port) for port in destination.ports] or None)


def _namespace(name: str) -> NetworkPolicyPeerArgs:
    # The API server gives every namespace this label itself.
    return NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": name}))


def _port(number: int | str, protocol: str = "TCP") -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(port=number, protocol=protocol)
