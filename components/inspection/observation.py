"""What is true of a backend at one moment, as its API server tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..availability import Node
from ..settings.well_known import ZONE_LABEL
from .client import Client
from .facts import seen, takes_pods


@dataclass(frozen=True)
class Observation:
    """The answers. None, or empty, where an object is not there or may not be seen."""

    deployment: Any
    autoscaler: Any
    budget: Any
    service: Any
    pods: tuple[Any, ...]
    endpoints: tuple[Any, ...]
    """Ready endpoints of the Service; each knows its node and zone."""
    zones: frozenset[str]
    """Zones with a node that takes pods at this moment."""
    nodes: frozenset[str]
    """Names of the nodes that take pods at this moment."""
    vertical: tuple[dict[str, Any], ...]
    """VerticalPodAutoscalers of the namespace, as plain data: they are not part of Kubernetes itself."""
    owners: Mapping[str, str]
    """Which Deployment a ReplicaSet belongs to, by name."""
    ingress: Any = None
    route: dict[str, Any] | None = None
    """The HTTPRoute, as plain data: it is not part of Kubernetes itself."""


def _not_set_aside(node: Node) -> bool:
    return not node.taints


def observe(
    client: Client,
    name: str,
    namespace: str,
    accepts: Callable[[Node], bool] = _not_set_aside,
    ways_in: Collection[str] = (),
) -> Observation:
    """Asks once. ``accepts``: whether the backend's pods may be on a node. ``ways_in``: of ingress and route, what is there.

    Raises InspectionError.
    """

    def below(group: str, plural: str) -> str:
        return f"/{group}/namespaces/{namespace}/{plural}"

    def one(group: str, plural: str) -> Any:
        return client.read(f"{below(group, plural)}/{name}")

    service = one("api/v1", "services")
    selector = ",".join(f"{key}={value}" for key, value in ((service and service.spec.selector) or {}).items())
    slices = client.listed(below("apis/discovery.k8s.io/v1", "endpointslices"), f"kubernetes.io/service-name={name}")
    nodes = client.listed("/api/v1/nodes", needed=False)
    usable = [node for node in nodes if takes_pods(node) and accepts(seen(node))]
    return Observation(
        deployment=one("apis/apps/v1", "deployments"),
        autoscaler=one("apis/autoscaling/v2", "horizontalpodautoscalers"),
        budget=one("apis/policy/v1", "poddisruptionbudgets"),
        service=service,
        pods=client.listed(below("api/v1", "pods"), selector) if selector else (),
        endpoints=tuple(e for part in slices for e in part.endpoints or [] if e.conditions and e.conditions.ready),
        zones=frozenset(
            node.metadata.labels[ZONE_LABEL] for node in usable if ZONE_LABEL in (node.metadata.labels or {})
        ),
        nodes=frozenset(node.metadata.name for node in usable),
        vertical=client.listed(below("apis/autoscaling.k8s.io/v1", "verticalpodautoscalers"), needed=False),
        owners={
            entry.metadata.name: owner.name
            for entry in client.listed(below("apis/apps/v1", "replicasets"))
            for owner in entry.metadata.owner_references or []
            if owner.kind == "Deployment"
        },
        ingress=one("apis/networking.k8s.io/v1", "ingresses") if "ingress" in ways_in else None,
        route=one("apis/gateway.networking.k8s.io/v1", "httproutes") if "route" in ways_in else None,
    )
