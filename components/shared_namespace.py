"""A namespace that several backends share, with one quota and one default-deny policy for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from . import namespace_registry, validation
from .availability import UNKNOWN, ClusterFacts
from .namespace import namespace
from .namespace_scope import NamespaceScope
from .network_policy import default_deny
from .resource_quota import limit_range, resource_quota
from .settings import BackendSettings
from .settings.shared_namespace import SharedNamespaceSettings
from .settings.well_known import COMPONENT_LABEL, MANAGER, MANAGER_LABEL, NAME_LABEL

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes


class SharedNamespace(pulumi.ComponentResource):
    """A namespace for several backends.

    It enforces Pod Security level ``restricted``, bounds the number of pods by the sum of what its backends need, and
    denies all traffic that no backend allows. Pass it to each of its backends::

        shared = SharedNamespace("shop", {"name": "market", "backends": [front, prices]}, opts=options)
        for settings in shared.backends:
            HighlyAvailableBackend(settings.name, settings, namespace=shared, opts=options)

    It creates no provider: pass one in ``opts``, the same as to the backends. The constructor raises ``SettingsError``
    with the problems of all backends before Pulumi registers anything. It does so too if another component of the
    program manages the same namespace on the same cluster.
    """

    namespace_name: pulumi.Output[str]
    """Name of the namespace."""

    if TYPE_CHECKING:  # at run time, Pulumi would take these annotations for the types of outputs
        settings: SharedNamespaceSettings
        """The validated settings."""
        backends: list[BackendSettings]
        """The validated settings of every backend, in the order of ``args``, each with ``namespace`` filled in."""
        registration: namespace_registry.Registration
        """Entry in the program's namespace registry. For the library's own use."""
        provider: pulumi.Resource | None
        """The Kubernetes provider from ``opts`` or from a parent; None for Pulumi's default provider."""
        namespace: kubernetes.core.v1.Namespace
        """The namespace. It enforces Pod Security level ``restricted``.
        See https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/."""
        resource_quota: kubernetes.core.v1.ResourceQuota
        """Bound on the number of pods: for every backend, a scale-out, a rollout and its rollback fit at the same time.
        It bounds neither CPU nor memory. See https://kubernetes.io/docs/concepts/policy/resource-quotas/."""
        limit_range: kubernetes.core.v1.LimitRange
        """Default requests and limits of a container that states none: those of the largest backend.
        See https://kubernetes.io/docs/concepts/policy/limit-range/."""
        default_deny: kubernetes.networking.v1.NetworkPolicy
        """Policy that denies all traffic of every pod. Each backend allows its own.
        See https://kubernetes.io/docs/concepts/services-networking/network-policies/."""

    def __init__(
        self,
        name: str,
        args: SharedNamespaceSettings | Mapping[str, Any],
        *,
        cluster: ClusterFacts = UNKNOWN,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the namespace and its policies.

        ``name`` is the logical name. ``args`` are ``SharedNamespaceSettings`` or a mapping with the same keys:
        ``name``, and ``backends``, the settings of every backend in the namespace. ``cluster`` holds what is known
        about the cluster, such as ``Cluster.facts``; by default nothing is. Settings that cannot hold on it are
        rejected.
        """
        settings = validation.validated_namespace(args, name, cluster, protect=validation.protected(opts))
        provider, registration = namespace_registry.provider(opts), namespace_registry.Registration(name)
        namespace_registry.register(registration, settings.name, provider)
        super().__init__(
            "ha-backend:index:SharedNamespace", name, settings.model_dump(by_alias=True, exclude_none=True), opts
        )
        self.settings, self.backends = settings, list(settings.backends)
        self.registration, self.provider = registration, provider
        labels = {NAME_LABEL: settings.name, COMPONENT_LABEL: "namespace", MANAGER_LABEL: MANAGER}
        scope = NamespaceScope(name, settings.name, settings.name, labels, self)
        self.namespace = namespace(scope)
        self.resource_quota = resource_quota(scope, self.namespace, settings.backends)
        self.limit_range = limit_range(scope, self.namespace, settings.backends)
        self.default_deny = default_deny(scope, [self.namespace])
        self.namespace_name = pulumi.Output.from_input(settings.name)
        self.register_outputs({"namespaceName": self.namespace_name})
