"""The highly available backend as one component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi

from . import identity, ingress, mesh, monitoring, namespace_registry, service
from .autoscaler import autoscaler
from .availability import UNKNOWN, ClusterFacts, promise
from .backend_scope import BackendScope
from .connection import Connection
from .deployment import deployment
from .disruption_budget import disruption_budget
from .environment import environment
from .extra_objects import extra_objects
from .http_route import http_route
from .namespace import namespace as own_namespace
from .namespace import pod_security_enforcement
from .network_policy import allow_rules, default_deny
from .release_job import release_job
from .resource_quota import limit_range, resource_quota
from .scaled_object import scaled_object
from .settings import BackendSettings
from .shared_namespace import SharedNamespace
from .validation import protected, validated
from .verification import verified

if TYPE_CHECKING:
    import pulumi_kubernetes as kubernetes
    import pulumi_random as random

_Kind = TypeVar("_Kind")


class HighlyAvailableBackend(pulumi.ComponentResource):
    """A web backend that survives the failures that its settings name.

    It registers a Deployment behind a Service, an autoscaler, a disruption budget, network policies, a namespace with a
    quota, and the environment. ``image`` is the only required setting::

        backend = HighlyAvailableBackend(
            "web",
            {"image": "ghcr.io/stefanprodan/podinfo:6.9.1"},
            cluster=cluster.facts,
            connection=cluster.connection,
            opts=pulumi.ResourceOptions(providers=[cluster.provider]),
        )

    It creates no provider: pass the cluster's in ``opts``. The constructor raises ``SettingsError``, with all problems
    together, before Pulumi registers anything: for invalid settings, for settings that cannot survive the stated
    failures, and for a backend that shares its name or its pods with another one of the program.

    Each child resource is an attribute, for whatever the settings do not cover. A transform in ``opts`` reaches all of
    them.
    """

    endpoint: pulumi.Output[str | None]
    """URL of the backend from outside the cluster: the load balancer's or, without one, the Ingress'.
    None without either, and None for an HTTPRoute, whose Gateway decides on the port and the protocol."""
    namespace_name: pulumi.Output[str]
    """Name of the namespace that holds every object of the backend."""
    deployment_name: pulumi.Output[str]
    """Name of the Deployment. Equal to the setting ``name``."""
    service_name: pulumi.Output[str]
    """Name of the Service. Inside the cluster, the host name is ``<service_name>.<namespace_name>.svc``."""
    selector: pulumi.Output[dict[str, str]]
    """Labels that select the backend's pods, for policies and monitors of your own.
    See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/."""

    promise: dict[str, Any]
    """The availability guarantee, computed from the settings.
    For each failure: ``survived``, ``recoverySeconds``, ``errorWindowSeconds``, ``capacityLeftPercent``, ``why``, and
    the source of each number."""
    verified: pulumi.Output[bool]
    """True once verification has confirmed that the running backend meets its guarantee.
    If the backend does not meet it, `pulumi up` fails. False in a preview, and without a ``connection``."""

    if TYPE_CHECKING:  # at run time, Pulumi would take these annotations for the types of outputs
        namespace: kubernetes.core.v1.Namespace | None
        """The namespace: the backend's own or that of the ``SharedNamespace``. None if ``createNamespace`` is false.
        It enforces Pod Security level ``restricted``.
        See https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/."""
        pod_security_enforcement: kubernetes.core.v1.NamespacePatch | None
        """Enforcement of Pod Security in an adopted backend's namespace, after its first rollout.
        None unless ``selector`` is set. See https://kubernetes.io/docs/concepts/security/pod-security-admission/."""
        resource_quota: kubernetes.core.v1.ResourceQuota | None
        """Bound on the number of pods, with capacity for a scale-out, a rollout and its rollback at the same time.
        It bounds neither CPU nor memory. See https://kubernetes.io/docs/concepts/policy/resource-quotas/."""
        limit_range: kubernetes.core.v1.LimitRange | None
        """Default requests and limits of a container that states none.
        See https://kubernetes.io/docs/concepts/policy/limit-range/."""
        network_policies: list[kubernetes.networking.v1.NetworkPolicy]
        """The backend's allow rules, then the namespace's default deny.
        See https://kubernetes.io/docs/concepts/services-networking/network-policies/."""
        service_account: kubernetes.core.v1.ServiceAccount | None
        """Identity of the pods. None if ``podTemplate.spec.serviceAccountName`` names an existing one.
        It has no permissions but those of ``rbac``, and its token is mounted only with them.
        See https://kubernetes.io/docs/concepts/security/service-accounts/."""
        rights: list[pulumi.Resource]
        """The roles of ``rbac`` with their bindings. Empty without rules, which is the default.
        See https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""
        config_map: kubernetes.core.v1.ConfigMap | None
        """The variables of the setting ``environment``, immutable. None if there are none.
        See https://kubernetes.io/docs/concepts/configuration/configmap/."""
        files: kubernetes.core.v1.ConfigMap | None
        """The files of the setting ``files``, immutable. None if there are none."""
        release_jobs: list[pulumi.Resource]
        """The Job that runs before this release. Empty without ``releaseJob``.
        See https://kubernetes.io/docs/concepts/workloads/controllers/job/."""
        extra_objects: list[pulumi.Resource]
        """The objects of the setting ``extraObjects``, in its order."""
        secret: kubernetes.core.v1.Secret | None
        """The generated values, immutable. None without ``generatedSecrets``.
        See https://kubernetes.io/docs/concepts/configuration/secret/."""
        generated: Mapping[str, random.RandomPassword]
        """Each generated value by the name of its environment variable. Empty without ``generatedSecrets``."""
        deployment: kubernetes.apps.v1.Deployment
        """The Deployment. With an autoscaler, Pulumi ignores changes of ``spec.replicas``, which the autoscaler owns.
        See https://kubernetes.io/docs/concepts/workloads/controllers/deployment/."""
        service: kubernetes.core.v1.Service
        """The Service: type ``LoadBalancer`` by default, ``ClusterIP`` if ``loadBalancer.enabled`` is false.
        See https://kubernetes.io/docs/concepts/services-networking/service/."""
        ingress: kubernetes.networking.v1.Ingress | None
        """The Ingress. None if ``ingress.hosts`` is empty, which is the default.
        See https://kubernetes.io/docs/concepts/services-networking/ingress/."""
        http_route: kubernetes.apiextensions.CustomResource | None
        """The HTTPRoute of the Gateway API. None if ``route.parentRefs`` is empty, which is the default.
        See https://gateway-api.sigs.k8s.io/api-types/httproute/."""
        destination_rule: kubernetes.apiextensions.CustomResource | None
        """Istio's outlier detection. None if it is off, which is the default, or if ``mesh`` is not Istio.
        See https://istio.io/latest/docs/reference/config/networking/destination-rule/."""
        virtual_service: kubernetes.apiextensions.CustomResource | None
        """Istio's retries. None if they are off, which is the default, or if ``mesh`` is not Istio.
        See https://istio.io/latest/docs/reference/config/networking/virtual-service/."""
        pod_monitor: kubernetes.apiextensions.CustomResource | None
        """The Prometheus operator's PodMonitor. None if ``monitoring.scrape`` is false, which is the default."""
        prometheus_rule: kubernetes.apiextensions.CustomResource | None
        """The Prometheus operator's PrometheusRule with the backend's alerts. None without an objective."""
        scaled_object: kubernetes.apiextensions.CustomResource | None
        """KEDA's ScaledObject. None unless ``autoscaling.owner`` is ``keda``.
        See https://keda.sh/docs/latest/reference/scaledobject-spec/."""
        disruption_budget: kubernetes.policy.v1.PodDisruptionBudget
        """Bound on simultaneous evictions: by default, one pod at a time.
        See https://kubernetes.io/docs/tasks/run-application/configure-pdb/."""
        autoscaler: kubernetes.autoscaling.v2.HorizontalPodAutoscaler | None
        """The HorizontalPodAutoscaler. None if ``autoscaling.enabled`` is false, or if another ``owner`` scales.
        See https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/."""

    def __init__(
        self,
        name: str,
        args: BackendSettings | Mapping[str, Any],
        *,
        cluster: ClusterFacts = UNKNOWN,
        connection: Connection | None = None,
        namespace: SharedNamespace | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the backend.

        ``name`` is the logical name. ``args`` are the settings of ``backend`` in a stack file, as ``BackendSettings``
        or as a mapping with the same keys. ``cluster`` holds what is known about the cluster, such as
        ``Cluster.facts``; by default nothing is. Settings that cannot hold on it are rejected, and the promise is
        computed for it. ``connection`` gives verification access to the API server, such as ``Cluster.connection``:
        `pulumi up` then succeeds only if the running backend meets its promise. By default nothing is verified.
        ``namespace`` is one that the backend shares with others; by default, the backend has its own.
        """
        checked = validated(args, name, cluster, protect=protected(opts))
        settings = namespace_registry.register_backend(name, checked, namespace, opts)
        promised = promise(settings, cluster)
        # The promise is an input too: a preview then shows how a change affects it.
        inputs = {**settings.model_dump(by_alias=True, exclude_none=True), "promise": promised.as_input()}
        super().__init__("ha-backend:index:HighlyAvailableBackend", name, inputs, opts)
        self.promise = promised.as_output()  # replaces the output that Pulumi sets for an input of this name
        # A preview verifies nothing.
        scope = BackendScope(name, settings, self, None if pulumi.runtime.is_dry_run() else connection)

        self._place(scope, namespace)
        before = _present(self.namespace)
        self.network_policies = self._policies(scope, namespace)
        self.service_account = identity.service_account(scope, before)
        accounts = _present(self.service_account)
        self.rights = identity.rights(scope, [*before, *accounts])
        variables = environment(scope, before)
        self.config_map, self.secret, self.generated = variables.config_map, variables.secret, variables.generated
        self.files = variables.files
        before_pods = [
            *accounts,
            *self.rights,
            *_present(self.resource_quota, self.limit_range),
            *self.network_policies,
        ]
        self.extra_objects = extra_objects(scope, before)
        before_pods += self.extra_objects
        self.release_jobs = release_job(scope, variables, before_pods)
        self.deployment = deployment(scope, [*before_pods, *self.release_jobs], variables)
        self.pod_security_enforcement = (
            pod_security_enforcement(scope, self.deployment) if scope.adopted and self.namespace else None
        )
        # Adopted pods have no port of the name that the Service targets: it waits for pods that have one.
        self.service = service.service(scope, [*before, *([self.deployment] if scope.adopted else [])])
        self.ingress, self.http_route = ingress.ingress(scope, self.service), http_route(scope, self.service)
        self.destination_rule = mesh.destination_rule(scope, self.service)
        self.virtual_service = mesh.virtual_service(scope, self.service)
        self.pod_monitor = monitoring.pod_monitor(scope, before)
        self.prometheus_rule = monitoring.prometheus_rule(scope, before, cluster)
        self.disruption_budget = disruption_budget(scope, self.deployment)
        # The autoscaler does not depend on the Deployment: a lower maximum must apply while a rollout still waits for
        # capacity.
        self.autoscaler = None
        if settings.autoscaling.replicas_owner == "hpa":
            self.autoscaler = autoscaler(scope, _present(self.resource_quota))
        self.scaled_object = scaled_object(scope, [self.deployment])

        self.endpoint = (
            service.endpoint(self.service, settings)
            if settings.load_balancer.enabled
            else pulumi.Output.from_input(ingress.url(scope))
        )
        self.namespace_name = pulumi.Output.from_input(settings.namespace_name)
        self.deployment_name = pulumi.Output.from_input(settings.name)
        self.service_name = pulumi.Output.from_input(settings.name)
        self.selector = pulumi.Output.from_input(scope.selector)
        optional = (self.autoscaler, self.scaled_object, self.ingress, self.http_route)
        self.verified = verified(
            scope,
            [self.deployment, self.service, self.disruption_budget, *(one for one in optional if one is not None)],
        )
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "namespaceName": self.namespace_name,
                "deploymentName": self.deployment_name,
                "serviceName": self.service_name,
                "selector": self.selector,
                "promise": self.promise,
            }
        )

    def _place(self, scope: BackendScope, shared: SharedNamespace | None) -> None:
        """Set the namespace and what bounds it: shared, of its own, or none of the stack's."""
        settings, own = scope.settings, scope.namespace_scope
        self.namespace = self.resource_quota = self.limit_range = None
        if shared:
            self.namespace = shared.namespace
            self.resource_quota, self.limit_range = shared.resource_quota, shared.limit_range
        elif settings.create_namespace:
            self.namespace = own_namespace(own, enforce=not scope.adopted)
            self.resource_quota = resource_quota(own, self.namespace, [settings])
            self.limit_range = limit_range(own, self.namespace, [settings])

    def _policies(
        self, scope: BackendScope, shared: SharedNamespace | None
    ) -> list[kubernetes.networking.v1.NetworkPolicy]:
        """Register the backend's allow rules, and the default deny of a namespace of its own."""
        allowed = allow_rules(scope, _present(self.namespace))
        if shared:
            return [allowed, shared.default_deny]
        return [allowed, default_deny(scope.namespace_scope, [allowed])] if self.namespace else [allowed]


def _present(*resources: _Kind | None) -> list[_Kind]:
    return [one for one in resources if one is not None]
