"""The cluster that a stack runs on, whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from . import preflight, validation
from .availability import ClusterFacts, stated
from .connection import Connection
from .runtime import folders, stack_outputs
from .settings import ClusterApiCluster, ClusterSettings, ExistingCluster, LocalCluster, StackReferenceCluster


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster: one provider for everything on it, and the zones its nodes are in.

    ``args`` are the settings of ``cluster`` in a stack file, or a mapping with the same keys. That is all it takes: a cluster
    that is there already is looked up and asked what it is, before anything is registered. Raises SettingsError where the
    settings are wrong, pulumi.RunError where there is no such cluster.

    ``access`` is for a program that has looked it up itself: the kubeconfig of such a cluster, reduced to one context, with
    ``identifier`` and with ``facts``, what was found there; left out, what the settings say of it.
    ``folder`` is where an embedded one lives; left out, a folder of its own beside the program.
    ``adopt`` takes over objects that exist already, as after an interrupted run; on an embedded cluster that is always so.
    ``force`` lets this program's fields win over those of kubectl and others, for a backend that ran before it was ours.
    ``managed`` is the same for one that Cluster API makes: what was found on its management cluster.
    ``embedded`` makes an embedded one, where this process is not the program that the engine runs. Raises SettingsError.
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

    def __init__(
        self,
        name: str,
        args: ClusterSettings | Mapping[str, Any],
        *,
        access: str | None = None,
        identifier: str = "",
        folder: str = "",
        adopt: bool = False,
        force: bool = False,
        facts: ClusterFacts | None = None,
        managed: preflight.Managed | None = None,
        embedded: Callable[..., Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = validation.validated_cluster(args, name)
        context = args.context if isinstance(args, ExistingCluster) else None
        if isinstance(args, ClusterApiCluster):
            managed, facts = (managed, facts) if managed else _managed(args, name)
        elif access is None and not isinstance(args, LocalCluster):
            way, found = _looked_up(args, name)
            access, context, identifier, facts = way.access, way.context, way.identifier, facts or found
        super().__init__("ha-backend:index:Cluster", name, args.model_dump(by_alias=True, exclude_none=True), opts)
        child = pulumi.ResourceOptions(parent=self)
        made: Any = None
        self.facts = facts or stated(args)
        if isinstance(args, LocalCluster):
            # Imported here: a program on a cluster that exists needs none of what starts one.
            from .devcluster import image_archives
            from .embedded_cluster import EmbeddedCluster

            make = embedded or EmbeddedCluster
            made = make(
                name,
                folder=str(Path(folder).absolute() if folder else _own_folder(name)),
                zones=list(args.zones),
                nodes_per_zone=args.nodes_per_zone,
                api_port=args.api_port,
                kubernetes=args.kubernetes,
                nodes=args.nodes,
                images=[str(path) for path in image_archives.paths(args.images)],
                opts=child,
            )
            self.kubeconfig, self.identifier = made.kubeconfig, made.instance
        elif isinstance(args, ClusterApiCluster):
            from .clusters.workload_cluster import WorkloadCluster

            assert managed is not None
            workload = WorkloadCluster(
                name,
                args,
                managed.access,
                self,
                known=managed.known,
                asking=managed.asking and not pulumi.runtime.is_dry_run(),
                in_use=managed.in_use,
            )
            self.kubeconfig, self.identifier = workload.kubeconfig, workload.identity
            made = workload.cluster
        else:
            own = args.identifier or args.context if isinstance(args, ExistingCluster) else args.stack
            self.kubeconfig, self.identifier = (
                pulumi.Output.secret(access or ""),
                pulumi.Output.from_input(identifier or own),
            )
        self.connection = Connection(self.kubeconfig, context)
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
            # Where another stack replaces its cluster, the user says that the old one is gone (PULUMI_K8S_DELETE_UNREACHABLE).
            delete_unreachable=None if isinstance(args, StackReferenceCluster) else ours,
            enable_patch_force=force or None,
            # Goes with the cluster. Left to find that out from the inputs, the engine closes the provider of a cluster that is
            # replaced before it has deleted what is on it, and fails (pulumi/pulumi#14650).
            opts=pulumi.ResourceOptions(parent=self, deleted_with=made),
        )
        self.register_outputs(
            {"kubeconfig": self.kubeconfig, "identifier": self.identifier, "zones": list(self.facts.zones)}
        )


def _own_folder(name: str) -> Path:
    """Where an embedded one lives that was given no folder: beside the Pulumi.yaml, one for each stack and cluster."""
    return folders.cluster(Path(pulumi.runtime.get_root_directory()), f"{pulumi.get_stack()}-{name}")


def _managed(args: ClusterApiCluster, name: str) -> tuple[preflight.Managed, ClusterFacts | None]:
    """What the management cluster says, and what the cluster itself is, where it is there already."""
    try:
        found = preflight.managed(args, name)
        way = found.reachable(pulumi.log.warn)
        return found, preflight.look(way, pulumi.log.warn) if way else None
    except preflight.PreflightError as error:
        raise pulumi.RunError(str(error)) from None


def _looked_up(args: ExistingCluster | StackReferenceCluster, name: str) -> tuple[preflight.Way, ClusterFacts]:
    try:
        way = preflight.way(args, stack_outputs.outputs, name)
        preflight.answers(way)
        return way, preflight.look(way, pulumi.log.warn)
    except preflight.PreflightError as error:
        raise pulumi.RunError(str(error)) from None
