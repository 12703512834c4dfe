"""The same backend on several clusters, as the state and the review see it: what is promised when one of them is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from .availability import multi_cluster
from .settings import BackendSettings
from .settings.balancer import BalancerSettings


class Placements(pulumi.ComponentResource):
    """Makes nothing: it holds what whoever spreads requests over the clusters must know, and the promise over them.

    ``backends`` are the settings on each cluster, by its name; they are in no conflict.
    """

    promise: dict[str, Any]
    """For the loss of a ``cluster``: survived, errorWindowSeconds, capacityLeftPercent, why, errorWindowSources."""
    weights: dict[str, int]
    """Percent of the requests, by cluster."""
    health_path: str
    """Answers where a cluster can serve."""

    def __init__(
        self,
        name: str,
        backends: Mapping[str, BackendSettings],
        balancer: BalancerSettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        promise, weights = multi_cluster.loss(backends, balancer).as_output(), multi_cluster.weights(backends)
        path = next(iter(backends.values())).health.readiness_path
        # Among the inputs, so that a preview shows what becomes of it.
        super().__init__(
            "ha-backend:index:Placements",
            name,
            {
                "balancer": balancer.model_dump(by_alias=True),
                "promise": promise,
                "weights": weights,
                "healthPath": path,
            },
            opts,
        )
        self.promise, self.weights, self.health_path = promise, weights, path
        self.register_outputs({"promise": promise, "weights": weights, "healthPath": path})
