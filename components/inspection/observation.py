"""The state of a backend at one moment, as the API server reports it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..availability import Node
from ..settings.well_known import ZONE_LABEL
from .client import Client
from .cluster_reader import accepts_pods, node_facts


@dataclass(frozen=True)
class Observation:
    """The objects of a backend. None or empty if an object does not exist, or if the account may not read it."""

    deployment: Any
    autoscaler: Any
    budget: Any
    service: Any
    pods: tuple[Any, ...]
    endpoints: tuple[Any, ...]
    """Ready endpoints of the Service, each with its node and zone."""
    schedulable_zones: frozenset[str]
    """Zones with a node that accepts pods now."""
    schedulable_nodes: frozenset[str]
    """Names of the nodes that accept pods now."""
    vertical_autoscalers: tuple[dict[str, Any], ...]
    """VerticalPodAutoscalers of the namespace, as plain data: they are not part of Kubernetes itself."""
    deployment_by_replica_set: Mapping[str, str]
    """The name of the Deployment that owns each ReplicaSet."""
    ingress: Any = None
    route: dict[str, Any] | None = None
    """The HTTPRoute, as plain data: it is not part of Kubernetes itself."""


def _is_untainted(node: Node) -> bool:
    return not node.taints


def observe(
    client: Client,
    name: str,
    namespace: str,
    can_schedule: Callable[[Node], bool] = _is_untainted,
    *,
    expected_ingress: Collection[str] = (),
    autoscaler: str | None = None,
) -> Observation:
    """Read the objects of a backend once.

    ``can_schedule`` decides whether the backend's pods may run on a node. ``expected_ingress`` holds the API paths of
    the Ingress and the route to read. ``autoscaler`` is its name, by default the backend's. Raises InspectionError.
    """

    def path(group: str, plural: str) -> str:
        return f"/{group}/namespaces/{namespace}/{plural}"

    def named(group: str, plural: str, other: str | None = None) -> Any:
        return client.get_object(f"{path(group, plural)}/{other or name}")

    def incoming(group: str) -> Iterator[Any]:
        for each in expected_ingress:
            version, _, plural = each.rpartition("/")
            if each.startswith(group):
                yield named(f"apis/{version}", plural)

    service = named("api/v1", "services")
    selector = ",".join(f"{key}={value}" for key, value in ((service and service.spec.selector) or {}).items())
    slices = client.list_objects(
        path("apis/discovery.k8s.io/v1", "endpointslices"), f"kubernetes.io/service-name={name}"
    )
    nodes = client.list_objects("/api/v1/nodes", required=False)
    usable = [node for node in nodes if accepts_pods(node) and can_schedule(node_facts(node))]
    return Observation(
        deployment=named("apis/apps/v1", "deployments"),
        autoscaler=named("apis/autoscaling/v2", "horizontalpodautoscalers", autoscaler),
        budget=named("apis/policy/v1", "poddisruptionbudgets"),
        service=service,
        pods=client.list_objects(path("api/v1", "pods"), selector) if selector else (),
        endpoints=tuple(e for part in slices for e in part.endpoints or [] if e.conditions and e.conditions.ready),
        schedulable_zones=frozenset(
            node.metadata.labels[ZONE_LABEL] for node in usable if ZONE_LABEL in (node.metadata.labels or {})
        ),
        schedulable_nodes=frozenset(node.metadata.name for node in usable),
        vertical_autoscalers=client.list_objects(
            path("apis/autoscaling.k8s.io/v1", "verticalpodautoscalers"), required=False
        ),
        deployment_by_replica_set={
            replica_set.metadata.name: owner.name
            for replica_set in client.list_objects(path("apis/apps/v1", "replicasets"))
            for owner in replica_set.metadata.owner_references or []
            if owner.kind == "Deployment"
        },
        ingress=next((one for one in incoming("networking.k8s.io/")), None),
        route=next((one for one in incoming("gateway.networking.k8s.io/")), None),
    )
