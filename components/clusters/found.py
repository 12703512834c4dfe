"""The result of a look-up, and the result of a registration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..availability import ClusterFacts
from ..inspection.access import ClusterAccess
from ..preflight import KnownCluster

if TYPE_CHECKING:
    import pulumi

    from .management import ManagementCluster


@dataclass(frozen=True)
class FoundCluster:
    """What is known about a cluster before it is registered, and how to register it.

    ``known`` and ``facts`` are None for a cluster that does not exist yet. ``management`` is what the management
    cluster of a Cluster API cluster reports.

    ``folder`` is the directory of an embedded cluster. ``adopt`` takes over objects that
    exist already, as after an interrupted update; an embedded cluster always does. ``force`` overrides fields that
    another field manager owns, for a backend that was adopted. ``embedded`` creates the resource of an embedded cluster
    where the default, a dynamic provider, cannot run.
    """

    known: KnownCluster | None = None
    facts: ClusterFacts | None = None
    management: ManagementCluster | None = None
    folder: str = ""
    adopt: bool = False
    force: bool = False
    embedded: Callable[..., Any] | None = None


@dataclass(frozen=True)
class RegisteredCluster:
    """What the Kubernetes provider of a registered cluster needs.

    ``resource`` is the resource that deletes the cluster. ``own_objects``: whether nothing else lives on the cluster.
    ``delete_unreachable``: whether objects are forgotten once the cluster is unreachable; None: the user decides, with
    PULUMI_K8S_DELETE_UNREACHABLE.
    """

    kubeconfig: pulumi.Output[str]
    identifier: pulumi.Output[str]
    context: str | None = None
    resource: pulumi.Resource | None = None
    own_objects: bool = False
    delete_unreachable: bool | None = False


def register_known(found: FoundCluster, *, context: str | None = None, fallback: str = "") -> RegisteredCluster:
    """Return the registration of a cluster that exists: nothing but its kubeconfig, as a secret.

    ``context`` and ``fallback``, an identifier, stand in for a cluster that was not looked up.
    """
    import pulumi

    access = found.known.access if found.known else ClusterAccess("", context, fallback)
    return RegisteredCluster(
        pulumi.Output.secret(access.kubeconfig), pulumi.Output.from_input(access.identifier), access.context
    )
