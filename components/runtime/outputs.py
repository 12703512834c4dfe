"""The outputs of the stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from ..cluster import Cluster
from ..placements import Placements
from ..settings import Settings
from .placements import Place

if TYPE_CHECKING:
    from ..backend import HighlyAvailableBackend


def collect(
    settings: Settings,
    places: Sequence[Place],
    clusters: Sequence[Cluster],
    backends: Sequence[HighlyAvailableBackend],
    protected: pulumi.ResourceOptions,
) -> Mapping[str, Any]:
    """Return the outputs of one cluster, or of each placement with what a load balancer over them needs."""
    if settings.balancer is None:
        (cluster,), (backend,) = clusters, backends
        return {
            "endpoint": backend.endpoint,
            "namespace": backend.namespace_name,
            "deployment": backend.deployment_name,
            "service": backend.service_name,
            "selector": backend.selector,
            "kubeconfig": cluster.kubeconfig,
            "identifier": cluster.identifier,
            "zones": list(cluster.facts.zones),
            "promise": backend.promise,
        }
    names = [place.site.name for place in places]
    placements = Placements(
        "placements", {place.site.name: place.site.backend for place in places}, settings.balancer, opts=protected
    )
    return {
        "placements": {
            name: {
                "endpoint": backend.endpoint,
                "healthPath": placements.health_path,
                "weight": placements.weights[name],
                "namespace": backend.namespace_name,
                "deployment": backend.deployment_name,
                "service": backend.service_name,
                "selector": backend.selector,
                "identifier": cluster.identifier,
                "zones": list(cluster.facts.zones),
                "promise": backend.promise,
            }
            for name, cluster, backend in zip(names, clusters, backends, strict=True)
        },
        "kubeconfigs": {name: cluster.kubeconfig for name, cluster in zip(names, clusters, strict=True)},
        "promise": placements.promise,
    }
