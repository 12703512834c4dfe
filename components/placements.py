"""The same backend on several clusters, in the state and in previews: the promise for the loss of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from .availability import cluster_loss
from .settings import BackendSettings, probes
from .settings.balancer import BalancerSettings


class Placements(pulumi.ComponentResource):
    """The promise over several clusters, and what a load balancer over them needs to know. It creates nothing.

    ``backends`` are the settings on each cluster, by the cluster's name. They have no conflicts.
    """

    promise: dict[str, Any]
    """For the loss of a ``cluster``: survived, errorWindowSeconds, capacityLeftPercent, why, errorWindowSources."""
    weights: dict[str, int]
    """Percent of the requests for each cluster."""
    health_path: str
    """A path that answers while a cluster can serve. Empty if the backend's readiness probe is not an HTTP request."""

    def __init__(
        self,
        name: str,
        backends: Mapping[str, BackendSettings],
        balancer: BalancerSettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the promise, as inputs, so that a preview shows its changes."""
        promise, weights = cluster_loss.loss(backends, balancer).as_output(), cluster_loss.weights(backends)
        path = probes.readiness(next(iter(backends.values()))).http_path or ""
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
