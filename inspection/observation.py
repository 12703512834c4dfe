"""What is true of a backend at one moment, as its API server tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from availability import Node
from inspection.client import Client
from inspection.facts import seen, takes_pods
from settings.names import ZONE_LABEL


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


def observe(client: Client, name: str, namespace: str, accepts: Callable[[Node], bool] = _not_set_aside,
            ways_in: Collection[str] = ()) -> Observation:
    """Asks once. ``accepts``: whether the backend's pods may be on a node. ``ways_in``: of ingress and route, what is there.

    Raises InspectionError.
    """
    def one(call: Any) -> Any:
        return client.ask(call, name, namespace)

    def several(call: Any, **more: Any) -> tuple[Any, ...]:
        answer = client.ask(call, namespace, **more)
        return tuple(answer.items) if answer else ()

    service = one(client.CoreV1Api.read_namespaced_service)
    selector = ",".join(f"{key}={value}" for key, value in ((service and service.spec.selector) or {}).items())
    slices = several(client.DiscoveryV1Api.list_namespaced_endpoint_slice, label_selector=f"kubernetes.io/service-name={name}")
    vertical = client.glance(client.CustomObjectsApi.list_namespaced_custom_object, "autoscaling.k8s.io", "v1", namespace,
                             "verticalpodautoscalers") or {}
    nodes = client.glance(client.CoreV1Api.list_node)
    usable = [node for node in nodes.items if takes_pods(node) and accepts(seen(node))] if nodes else []
    return Observation(
        deployment=one(client.AppsV1Api.read_namespaced_deployment),
        autoscaler=one(client.AutoscalingV2Api.read_namespaced_horizontal_pod_autoscaler),
        budget=one(client.PolicyV1Api.read_namespaced_pod_disruption_budget),
        service=service,
        pods=several(client.CoreV1Api.list_namespaced_pod, label_selector=selector) if selector else (),
        endpoints=tuple(e for part in slices for e in part.endpoints or [] if e.conditions and e.conditions.ready),
        zones=frozenset(node.metadata.labels[ZONE_LABEL] for node in usable if ZONE_LABEL in (node.metadata.labels or {})),
        nodes=frozenset(node.metadata.name for node in usable),
        vertical=tuple(vertical.get("items", ())),
        owners={entry.metadata.name: owner.name for entry in several(client.AppsV1Api.list_namespaced_replica_set)
                for owner in entry.metadata.owner_references or [] if owner.kind == "Deployment"},
        ingress=one(client.NetworkingV1Api.read_namespaced_ingress) if "ingress" in ways_in else None,
        route=client.ask(client.CustomObjectsApi.get_namespaced_custom_object, "gateway.networking.k8s.io", "v1", namespace,
                         "httproutes", name) if "route" in ways_in else None)
