"""The settings of the load balancer in front of the nodes."""

from typing import Literal

from pydantic import Field

from .base import SettingsModel

TrafficPolicy = Literal["Local", "Cluster"]

KUBE_PROXY_SYNC_SECONDS = 3
"""Seconds at most until every node knows that a pod became ready or not ready: the kubelet checks each second
(genericPlegRelistPeriod), the EndpointSlice follows at once, kube-proxy syncs each second (minSyncPeriod), plus one
second for the messages in between."""


class LoadBalancer(SettingsModel):
    """The load balancer of the Service, and how it finds nodes with a serving pod."""

    enabled: bool = Field(
        True,
        description="Whether the Service has the type LoadBalancer. If false, the type is ClusterIP: clients reach the "
        "backend inside the cluster, or through `ingress` and `route`. A change to false releases the load balancer's "
        "address.",
    )
    external_traffic_policy: TrafficPolicy = Field(
        "Local",
        description="The Service's externalTrafficPolicy. With `Local`, the load balancer checks each node for a "
        "ready pod (healthCheckNodePort) and skips the others, so the loss of a node, or of the only pod on a node, "
        "fails requests for `healthCheckSeconds` at most. With `Cluster`, every node forwards requests to every pod: "
        "the loss of a pod fails requests for 3 seconds, the loss of a node for 63 seconds, until Kubernetes marks it "
        "as not ready.",
    )
    health_check_seconds: int = Field(
        30,
        ge=1,
        le=300,
        description="Seconds until the load balancer's health check detects that a node was lost, or has or no longer "
        "has a ready pod: interval times failure threshold, plus the timeout of the last check. With `Local`, an AWS "
        "NLB takes 26 (10 s x 2 + 6 s), or 30 if the AWS Load Balancer Controller did not create it (10 s x 2 + 10 "
        "s); Google Cloud takes 25 (8 s x 3 + 1 s), and Azure 15 (5 s x 2 + 5 s).",
    )
