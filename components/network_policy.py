"""The NetworkPolicies: deny everything in the namespace, then allow what the backend needs."""

from __future__ import annotations

from collections.abc import Sequence

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

from . import identity, mesh
from .backend_scope import BackendScope
from .namespace_scope import NamespaceScope
from .settings import service_ports
from .settings.network import Destination
from .settings.well_known import NAME_LABEL

BOTH = ["Ingress", "Egress"]
DNS = 53


def default_deny(
    scope: NamespaceScope, depends_on: Sequence[pulumi.Resource]
) -> kubernetes.networking.v1.NetworkPolicy:
    """Register a policy that denies all traffic of every pod in the namespace.

    It depends on the allow rules of a backend, so that running pods are never cut off.
    """
    return kubernetes.networking.v1.NetworkPolicy(
        f"{scope.prefix}-default-deny",
        metadata=scope.metadata(suffix="default-deny"),
        spec=NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=BOTH),
        opts=scope.options(depends_on),
    )


def allow_rules(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> kubernetes.networking.v1.NetworkPolicy:
    """Register a policy that allows the backend's port, DNS and what the settings name.

    A NetworkPolicy never denies the kubelet's health checks.
    """
    return kubernetes.networking.v1.NetworkPolicy(
        f"{scope.prefix}-network-policy",
        metadata=scope.metadata(),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=scope.selector),
            policy_types=BOTH,
            ingress=_ingress(scope),
            egress=_egress(scope),
        ),
        opts=scope.options(depends_on),
    )


def job_rules(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> kubernetes.networking.v1.NetworkPolicy:
    """Register a policy that lets the release's Job connect to what the backend connects to."""
    return kubernetes.networking.v1.NetworkPolicy(
        f"{scope.prefix}-job-network-policy",
        metadata=scope.metadata(suffix="job"),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels={NAME_LABEL: f"{scope.settings.name}-job"}),
            policy_types=BOTH,
            egress=_egress(scope),
        ),
        opts=scope.options(depends_on),
    )


def _ingress(scope: BackendScope) -> list[NetworkPolicyIngressRuleArgs]:
    network = scope.settings.network
    # The port is a name: each pod is reached on the port of its own release.
    backend = scope.settings
    ports = service_ports.targets(backend)
    if scope.adopted:
        ports.insert(1, (backend.port, backend.transport))  # pods from before the adoption have no port of that name
    # Without `allowFrom`, every source is allowed: a load balancer's traffic arrives from node addresses, which are not
    # known here.
    sources = [_namespace(name) for name in network.allow_from]
    if sources:
        sources += [_block(address) for address in mesh.probe_addresses(scope)]
    rules = [NetworkPolicyIngressRuleArgs(ports=[_port(*port) for port in ports], from_=sources or None)]
    if network.allow_metrics_from:
        rules.append(
            NetworkPolicyIngressRuleArgs(
                ports=[_port(backend.metrics_port_name)],
                from_=[_namespace(name) for name in network.allow_metrics_from],
            )
        )
    if tunnel := mesh.tunnel_port(scope):
        clients = [_namespace(name) for name in mesh.client_namespaces(scope)]
        rules.append(NetworkPolicyIngressRuleArgs(ports=[_port(tunnel)], from_=clients or None))
    return rules


def _egress(scope: BackendScope) -> list[NetworkPolicyEgressRuleArgs]:
    destinations = [*scope.settings.network.egress, *mesh.control_plane(scope), *identity.destinations(scope)]
    return [
        # DNS to every address: where it is served differs between clusters; in some it is the node itself.
        NetworkPolicyEgressRuleArgs(ports=[_port(DNS, "UDP"), _port(DNS)]),
        *(_egress_rule(destination, mesh.tunnel_port(scope)) for destination in destinations),
    ]


def _egress_rule(destination: Destination, tunnel: int | None) -> NetworkPolicyEgressRuleArgs:
    peer = _namespace(destination.namespace) if destination.namespace else _block(destination.cidr or "")
    # A destination that is in the mesh too is reached through the tunnel, whatever its port.
    ports = [*destination.ports, *([tunnel] if tunnel else [])] if destination.ports else []
    return NetworkPolicyEgressRuleArgs(to=[peer], ports=[_port(port) for port in ports] or None)


def _block(cidr: str) -> NetworkPolicyPeerArgs:
    return NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr))


def _namespace(name: str) -> NetworkPolicyPeerArgs:
    # The API server sets this label on every namespace.
    return NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": name})
    )


def _port(port: int | str, protocol: str = "TCP") -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(port=port, protocol=protocol)
