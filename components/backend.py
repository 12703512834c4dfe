"""The highly available backend, as one component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from . import ingress, mesh, monitoring, namespace_registry, service
from .autoscaler import autoscaler
from .availability import UNKNOWN, ClusterFacts, promise
from .backend_scope import Scope
from .connection import Connection
from .deployment import deployment
from .disruption_budget import disruption_budget
from .environment import environment
from .namespace import namespace as own_namespace
from .namespace import restriction, service_account
from .network_policy import default_deny, openings
from .resource_quota import limit_range, resource_quota
from .settings import BackendSettings
from .shared_namespace import SharedNamespace
from .validation import backend as checked
from .verification import verified


class HighlyAvailableBackend(pulumi.ComponentResource):
    """A web backend that stays up: pods, load balancer, autoscaler, disruption budget, configuration and secrets.

    ``args`` are the settings of ``backend`` in a stack file, as BackendSettings or as a mapping with the same keys; only
    ``image`` is required. ``cluster`` says what is known of the cluster: settings that cannot hold there are refused, and the
    promise is computed for it. With a ``connection``, an `up` ends only when the running backend was found to keep the promise,
    and is red where it does not. ``namespace`` is one that it shares with others; left out, it makes one for itself. Raises
    SettingsError, with every problem at once, before anything is registered; so it does where another backend of the program
    has the same name, or would share its pods. It makes no provider: give it one with
    ``opts=ResourceOptions(providers=[cluster.provider])``.

    Every child is an attribute, for what the settings do not cover, and so is each generated value by its variable's name in
    ``generated``. A transform in ``opts`` reaches all of them.
    """

    endpoint: pulumi.Output[str | None]
    """The backend's URL from outside: the load balancer's, else the Ingress'; None where there is neither."""
    namespace_name: pulumi.Output[str]
    """The namespace that everything is in."""
    deployment_name: pulumi.Output[str]
    """Name of the Deployment."""
    service_name: pulumi.Output[str]
    """Name of the Service; inside the cluster the backend answers under <service>.<namespace>.svc."""
    selector: pulumi.Output[dict[str, str]]
    """Labels that select the backend's pods, for policies and monitors."""

    promise: dict[str, Any]
    """For each failure: survived, recoverySeconds, errorWindowSeconds, capacityLeftPercent, why, and each number's source."""
    verified: pulumi.Output[bool]
    """True once the running backend was found to keep it; False where nobody asked, as in a preview."""

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
        settings = namespace_registry.joined(name, checked(args, name, cluster), namespace, opts)
        promised = promise(settings, cluster)
        # Among the inputs, so that a preview shows what becomes of it.
        inputs = {**settings.model_dump(by_alias=True, exclude_none=True), "promise": promised.as_input()}
        super().__init__("ha-backend:index:HighlyAvailableBackend", name, inputs, opts)
        self.promise = promised.as_output()  # the SDK has put an output in its place, for the inputs are there by name
        scope = Scope(
            name, settings, self, None if pulumi.runtime.is_dry_run() else connection
        )  # a preview proves nothing

        if namespace:
            self.namespace, self.quota, self.limits = namespace.namespace, namespace.quota, namespace.limits
        else:
            self.namespace = own_namespace(scope.space, enforced=not scope.taken_over)
            self.quota = resource_quota(scope.space, self.namespace, [settings])
            self.limits = limit_range(scope.space, self.namespace, [settings])
        opened = openings(scope, self.namespace)
        self.network_policies = [opened, namespace.default_deny if namespace else default_deny(scope.space, opened)]
        self.account = service_account(scope, self.namespace)
        variables = environment(scope, self.namespace)
        self.config_map, self.secret, self.generated = variables.config_map, variables.secret, variables.generated
        self.deployment = deployment(
            scope, [self.account, self.quota, self.limits, *self.network_policies], variables.sources
        )
        self.restriction = restriction(scope, self.deployment) if scope.taken_over else None
        # Pods that were taken over have no port of the name that the Service leads to: it waits for those that have.
        self.service = service.service(scope, [self.namespace, *([self.deployment] if scope.taken_over else [])])
        self.ingress, self.route = ingress.ingress(scope, self.service), ingress.route(scope, self.service)
        self.destination_rule = mesh.destination_rule(scope, self.service)
        self.virtual_service = mesh.virtual_service(scope, self.service)
        self.pod_monitor = monitoring.pod_monitor(scope, self.namespace)
        self.alerts = monitoring.prometheus_rule(scope, self.namespace, cluster)
        self.disruption_budget = disruption_budget(scope, self.deployment)
        self.autoscaler: kubernetes.autoscaling.v2.HorizontalPodAutoscaler | None = None
        if settings.autoscaling.enabled:
            # Beside the Deployment, not after it: a smaller maximum must take effect while a rollout still waits for room.
            self.autoscaler = autoscaler(scope, self.quota)

        self.endpoint = (
            service.endpoint(self.service, settings.service_port)
            if settings.load_balancer.enabled
            else pulumi.Output.from_input(ingress.address(scope))
        )
        self.namespace_name = pulumi.Output.from_input(settings.namespace_name)
        self.deployment_name = pulumi.Output.from_input(settings.name)
        self.service_name = pulumi.Output.from_input(settings.name)
        self.selector = pulumi.Output.from_input(scope.selector)
        made = (self.autoscaler, self.ingress, self.route)
        self.verified = verified(
            scope, [self.deployment, self.service, self.disruption_budget, *(one for one in made if one is not None)]
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
