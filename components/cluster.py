"""The cluster that a backend runs on, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from . import folders
from .availability import ClusterFacts
from .clusters import engine_outputs
from .clusters.found import FoundCluster
from .clusters.kind import ClusterKind
from .connection import Connection
from .preflight import LookUp, PreflightError
from .settings import BackendSettings, ClusterSettings
from .validation import validated_cluster


class Cluster(pulumi.ComponentResource):
    """A Kubernetes cluster: one provider for everything on it, and what is known about it.

    For example::

        cluster = ha_backend.Cluster("cluster", {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "prod"})
        opts = pulumi.ResourceOptions(providers=[cluster.provider])

    A cluster of kind ``local`` is created by `pulumi up` and deleted by `pulumi destroy`; so is one of kind
    ``cluster-api``, on a cloud. The other kinds exist already.
    """

    provider: kubernetes.Provider
    """The provider for every resource on this cluster."""
    kubeconfig: pulumi.Output[str]
    """A kubeconfig for the cluster, as a secret."""
    identifier: pulumi.Output[str]
    """Identifies the cluster. If it changes, everything on the cluster is replaced."""
    connection: Connection
    """How to reach the API server, for ``HighlyAvailableBackend(connection=...)``."""
    facts: ClusterFacts
    """What is known about the cluster: failure domains, version, features."""

    def __init__(
        self,
        name: str,
        args: ClusterSettings | Mapping[str, Any],
        *,
        found: FoundCluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the cluster.

        ``name`` is the logical name. ``args`` are the settings of ``cluster`` in a stack file, or a mapping with the
        same keys. ``found`` is the result of ``look_up`` for the same cluster; by default, the cluster is looked up
        first.

        Raises SettingsError if the settings are invalid, and pulumi.RunError if there is no such cluster, both before
        Pulumi registers anything.
        """
        settings = validated_cluster(args, name)
        found = found or _looked_up(name, settings)
        super().__init__("ha-backend:index:Cluster", name, settings.model_dump(by_alias=True, exclude_none=True), opts)
        registered = settings.register(name, self, found)
        self.facts = found.facts or settings.facts_from_settings()
        self.kubeconfig, self.identifier = registered.kubeconfig, registered.identifier
        self.connection = Connection(self.kubeconfig, registered.context)
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            kubeconfig=self.kubeconfig,
            context=registered.context,
            # Without it, a rotated certificate or a new proxy in the kubeconfig would replace every resource.
            cluster_identifier=self.identifier,
            # Nothing else lives on an embedded cluster: objects of an interrupted update are taken over, and objects on
            # a cluster that is gone are forgotten. On a shared cluster, both would hide or destroy something.
            upsert_existing_objects=registered.own_objects or found.adopt,
            delete_unreachable=registered.delete_unreachable,
            enable_patch_force=found.force or None,
            # Deleted with the cluster. If the engine had to infer that from the inputs, it would close the provider
            # of a replaced cluster before it has deleted the objects on it, and fail (pulumi/pulumi#14650).
            opts=pulumi.ResourceOptions(parent=self, deleted_with=registered.resource),
        )
        self.register_outputs(
            {"kubeconfig": self.kubeconfig, "identifier": self.identifier, "zones": list(self.facts.zones)}
        )


def look_up(
    name: str,
    args: ClusterSettings | Mapping[str, Any],
    *,
    backend: BackendSettings | None = None,
    backend_key: str = "",
    folder: str = "",
) -> FoundCluster:
    """Return what a program must know about a cluster before it registers anything on it. Changes nothing.

    ``name`` starts the key of each problem with the cluster, and ``backend_key`` that of each problem with the
    ``backend``, whose settings are checked against the cluster if there is one. ``folder`` is the directory of an
    embedded cluster, by default one next to Pulumi.yaml.

    Raises SettingsError if the settings are invalid, and PreflightError, with every problem, if there is no such
    cluster, if it cannot be started, or if the settings cannot hold on it.
    """
    if not folder:
        root = Path(pulumi.runtime.get_root_directory())
        folder = str(folders.cluster(root, f"{pulumi.get_stack()}-{name}"))
    settings = args if isinstance(args, ClusterKind) else validated_cluster(args, name)
    return settings.look_up(
        LookUp(
            key=name,
            backend=backend,
            backend_key=backend_key or (backend.name if backend else ""),
            folder=Path(folder),
            starts=not pulumi.runtime.is_dry_run(),
            outputs=engine_outputs.outputs,
            log=pulumi.log.info,
            warn=pulumi.log.warn,
        )
    )


def _looked_up(name: str, settings: ClusterSettings) -> FoundCluster:
    try:
        return look_up(name, settings)
    except PreflightError as error:
        raise pulumi.RunError(str(error)) from None
