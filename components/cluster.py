"""The cluster that a stack runs on, whoever made it."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from components.embedded_cluster import EmbeddedCluster
from settings import ClusterSettings, ExistingCluster, LocalCluster


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster: one provider for everything on it, and the zones its nodes are in.

    ``args`` are the settings of ``cluster`` in a stack file. ``access`` is the kubeconfig of an existing cluster, reduced to
    the context that the settings name; ``folder`` is where an embedded one lives. Only the one for the kind is used.
    ``adopt`` takes over objects that exist already, as after an interrupted run; on an embedded cluster that is always so.
    """

    provider: kubernetes.Provider
    """The provider for every resource on this cluster."""
    kubeconfig: pulumi.Output[str]
    """Access to it, as a secret."""
    identifier: pulumi.Output[str]
    """What tells it from another cluster; everything on it is replaced when this changes, and only then."""
    nodes: int
    """How many nodes it has; 0 where that is not known."""
    zones: list[str]
    """The failure domains that its nodes are in; empty where none are known."""

    def __init__(self, name: str, args: ClusterSettings, *, access: str = "", folder: str = "", adopt: bool = False,
                 opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ha-backend:index:Cluster", name, args.model_dump(by_alias=True, exclude_none=True), opts)
        child = pulumi.ResourceOptions(parent=self)
        self.zones = list(args.zones)
        self.nodes = args.known_nodes
        if isinstance(args, LocalCluster):
            embedded = EmbeddedCluster(name, folder=folder, zones=self.zones, nodes_per_zone=args.nodes_per_zone,
                                       api_port=args.api_port, opts=child)
            self.kubeconfig, self.identifier, context = embedded.kubeconfig, embedded.instance, None
        else:
            assert isinstance(args, ExistingCluster)
            self.kubeconfig = pulumi.Output.secret(access)
            self.identifier = pulumi.Output.from_input(args.identifier or args.context)
            context = args.context
        ours = isinstance(args, LocalCluster)
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            kubeconfig=self.kubeconfig,
            context=context,
            # Without it, a rotated certificate or a new proxy in the kubeconfig would replace every resource.
            cluster_identifier=self.identifier,
            # Nothing else lives on an embedded cluster: what an interrupted run left there is taken over, and what was on
            # one that is gone is forgotten. On a cluster of others, both would hide or destroy something.
            upsert_existing_objects=ours or adopt,
            delete_unreachable=ours,
            opts=child)
        self.register_outputs({"kubeconfig": self.kubeconfig, "identifier": self.identifier, "zones": self.zones})
