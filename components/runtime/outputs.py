"""What the stack says of itself when it is deployed."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from .. import Cluster, HighlyAvailableBackend
from ..placements import Placements
from ..settings import Settings
from .placements import Place


def export(
    settings: Settings,
    places: Sequence[Place],
    clusters: Sequence[Cluster],
    backends: Sequence[HighlyAvailableBackend],
    protected: pulumi.ResourceOptions,
) -> None:
    """Those of one cluster; of several, what each is and what DNS or a load balancer over them needs."""
    if settings.balancer is None:
        (cluster,), (backend,) = clusters, backends
        pulumi.export("endpoint", backend.endpoint)
        pulumi.export("namespace", backend.namespace_name)
        pulumi.export("deployment", backend.deployment_name)
        pulumi.export("service", backend.service_name)
        pulumi.export("selector", backend.selector)
        pulumi.export("kubeconfig", cluster.kubeconfig)
        pulumi.export("identifier", cluster.identifier)
        pulumi.export("zones", list(cluster.facts.zones))
        pulumi.export("promise", backend.promise)
        return
    together = Placements(
        "placements", {place.site.name: place.site.backend for place in places}, settings.balancer, opts=protected
    )
    all_of_it = list(zip([place.site.name for place in places], clusters, backends, strict=True))
    pulumi.export(
        "placements",
        {
            name: {
                "endpoint": backend.endpoint,
                "healthPath": together.health_path,
                "weight": together.weights[name],
                "namespace": backend.namespace_name,
                "deployment": backend.deployment_name,
                "service": backend.service_name,
                "selector": backend.selector,
                "identifier": cluster.identifier,
                "zones": list(cluster.facts.zones),
                "promise": backend.promise,
            }
            for name, cluster, backend in all_of_it
        },
    )
    pulumi.export("kubeconfigs", {name: cluster.kubeconfig for name, cluster, _ in all_of_it})
    pulumi.export("promise", together.promise)
