"""The cluster that a stack runs on, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_kubernetes as kubernetes

from availability import ClusterFacts, stated
from components.connection import Connection
from settings import ClusterSettings, ExistingCluster, LocalCluster

if TYPE_CHECKING:
    from components.embedded_cluster import EmbeddedCluster


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster: one provider for everything on it, and the zones its nodes are in.

    ``args`` are the settings of ``cluster`` in a stack file. ``access`` is the kubeconfig of an existing cluster, reduced to
    the context that the settings name; ``folder`` is where an embedded one lives. Only the one for the kind is used.
    ``facts`` are what was found there; left out, what the settings say of it.
    ``adopt`` takes over objects that exist already, as after an interrupted run; on an embedded cluster that is always so.
    ``force`` lets this program's fields win over those of kubectl and others, for a backend that ran before it was ours.
    """

    provider: kubernetes.Provider
    """The provider for every resource on this cluster."""
    kubeconfig: pulumi.Output[str]
    """Access to it, as a secret."""
    identifier: pulumi.Output[str]
    """What tells it from another cluster; everything on it is replaced when this changes, and only then."""
    connection: Connection
    """The way to its API server."""
    facts: ClusterFacts
    """What is known of it: failure domains, version, abilities."""

    def __init__(self, name: str, args: ClusterSettings, *, access: str = "", folder: str = "", adopt: bool = False,
                 force: bool = False, facts: ClusterFacts | None = None,
                 opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ha-backend:index:Cluster", name, args.model_dump(by_alias=True, exclude_none=True), opts)
        child = pulumi.ResourceOptions(parent=self)
        made: EmbeddedCluster | None = None
        self.facts = facts or stated(args)
        if isinstance(args, LocalCluster):
            # Imported here: a program on a cluster that exists needs none of what starts one.
            from components.embedded_cluster import EmbeddedCluster
            from local import archives

            made = EmbeddedCluster(name, folder=folder, zones=list(args.zones), nodes_per_zone=args.nodes_per_zone,
                                   api_port=args.api_port, kubernetes=args.kubernetes, nodes=args.nodes,
                                   images=[str(path) for path in archives.paths(args.images)], opts=child)
            self.kubeconfig, self.identifier, context = made.kubeconfig, made.instance, None
        else:
            assert isinstance(args, ExistingCluster)
            self.kubeconfig = pulumi.Output.secret(access)
            self.identifier = pulumi.Output.from_input(args.identifier or args.context)
            context = args.context
        self.connection = Connection(self.kubeconfig, context)
        ours = made is not None
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
            enable_patch_force=force or None,
            # Goes with the cluster. Left to find that out from the inputs, the engine closes the provider of a cluster that is
            # replaced before it has deleted what is on it, and fails (pulumi/pulumi#14650).
            opts=pulumi.ResourceOptions(parent=self, deleted_with=made))
        self.register_outputs({"kubeconfig": self.kubeconfig, "identifier": self.identifier,
                               "zones": list(self.facts.zones)})
