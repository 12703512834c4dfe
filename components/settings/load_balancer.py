"""What a stack may say of the load balancer in front of the nodes."""

from typing import Literal

from pydantic import Field

from .base import Group

TrafficPolicy = Literal["Local", "Cluster"]

ENDPOINT_SYNC = 3
"""Seconds at the most until every node knows that a pod is ready, or is not any more: the kubelet looks each second
(genericPlegRelistPeriod), the EndpointSlice follows at once, kube-proxy syncs each second (minSyncPeriod), and one is lost on
the way."""


class LoadBalancer(Group):
    """How the load balancer in front of the nodes finds those with a pod that serves."""

    enabled: bool = Field(
        True,
        description="Whether the Service is of type LoadBalancer. Without one it is reached inside the "
        "cluster only, and by `ingress` and `route`. To turn it off takes its address away.",
    )
    external_traffic_policy: TrafficPolicy = Field(
        "Local",
        description="`Local`: it asks each node whether a ready pod is there (healthCheckNodePort) and passes over "
        "all others, so that a lost node costs requests only for `healthCheckSeconds`, and so does a pod that was its node's only "
        "one. `Cluster`: every node passes requests on to every pod: a lost pod costs 3 s, a lost node 63, until Kubernetes "
        "counts it as lost.",
    )
    health_check_seconds: int = Field(
        30,
        ge=1,
        le=300,
        description="Seconds in which the load balancer's health check notices that a node is lost, or has "
        "or has no ready pod: its interval times its number of failures, and its wait for the last answer. With `Local` an "
        "AWS NLB takes 26 (10 s x 2 + 6 s), or 30 where it was not made by the AWS Load Balancer Controller (10 s x 2 + 10 s), "
        "Google Cloud 25 (8 s x 3 + 1 s), Azure 15 (5 s x 2 + 5 s).",
    )
