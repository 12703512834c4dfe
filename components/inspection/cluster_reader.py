"""Read the facts of a cluster: its failure domains, its version, and what it serves."""

from __future__ import annotations

import re
from typing import Any

from ..availability import Allocatable, ClusterFacts, Node
from ..errors.verification import API_SERVER_ERROR
from ..settings.quantity import amount
from ..settings.well_known import ZONE_LABEL
from .client import Client, InspectionError

_BLOCKING_EFFECTS = ("NoSchedule", "NoExecute")
_NODE_LIFECYCLE_PREFIX = "node.kubernetes.io/"  # taints that Kubernetes sets and removes itself
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def read_cluster_facts(client: Client) -> ClusterFacts:
    """Read all facts of a cluster. What the account may not read stays unknown. Raises InspectionError."""
    nodes = _entries(client.get_if_permitted("/api/v1/nodes"), "items")
    groups = _entries(client.get_if_permitted("/apis"), "groups")
    classes = _entries(client.get_if_permitted("/apis/scheduling.k8s.io/v1/priorityclasses"), "items")
    usable = [node for node in nodes if not _is_reserved(node)] if nodes is not None else None
    labels = [node["metadata"].get("labels") or {} for node in usable or []]
    return ClusterFacts(
        zones=tuple(sorted({one[ZONE_LABEL] for one in labels if one.get(ZONE_LABEL)})),
        nodes=None if usable is None else len(usable),
        largest_node=_allocatable(usable or []),
        version=_version(client),
        apis=None if groups is None else frozenset(group["name"] for group in groups),
        priority_classes=None if classes is None else frozenset(each["metadata"]["name"] for each in classes),
        inventory=tuple(map(_node, nodes or [])),
    )


def read_claims(client: Client, namespace: str) -> dict[str, frozenset[str]] | None:
    """Read the access modes of each PersistentVolumeClaim; None if the account may not. Raises InspectionError."""
    claims = _entries(client.get_if_permitted(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"), "items")
    return (
        None
        if claims is None
        else {each["metadata"]["name"]: frozenset(each["spec"].get("accessModes") or ()) for each in claims}
    )


def _entries(answer: dict[str, Any] | None, key: str) -> list[dict[str, Any]] | None:
    return None if answer is None else answer.get(key) or []


def read_ingress_classes(client: Client) -> dict[str, bool] | None:
    """Read the IngressClasses, and whether each is the default; None if the account may not. Raises InspectionError."""
    classes = _entries(client.get_if_permitted("/apis/networking.k8s.io/v1/ingressclasses"), "items")
    return (
        None
        if classes is None
        else {
            each["metadata"]["name"]: (each["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
            for each in classes
        }
    )


def read_route_fields(client: Client) -> frozenset[str] | None:
    """Read which fields a rule of an HTTPRoute has, from the published schema; None if there is none.

    The CustomResourceDefinition itself would name the channel, but few accounts may read it. Raises InspectionError.
    """
    published = client.get_if_permitted("/openapi/v3/apis/gateway.networking.k8s.io/v1") or {}
    for schema in (published.get("components") or {}).get("schemas", {}).values():
        if any(kind["kind"] == "HTTPRoute" for kind in schema.get("x-kubernetes-group-version-kind") or ()):
            rule = schema["properties"]["spec"]["properties"]["rules"]["items"]
            return frozenset(rule.get("properties") or ())
    return None


def _node(node: dict[str, Any]) -> Node:
    taints = node["spec"].get("taints") or []
    return Node(
        node["metadata"]["name"],
        node["metadata"].get("labels") or {},
        tuple((taint["key"], taint.get("value") or "", taint["effect"]) for taint in taints if _is_permanent(taint)),
        _allocatable([node]),
    )


def accepts_pods(node: Any) -> bool:
    """Return whether pods that tolerate a node's permanent taints could be scheduled on it now."""
    ready = any(c.type == "Ready" and c.status == "True" for c in node.status.conditions or [])
    return (
        ready
        and not node.spec.unschedulable
        and not any(
            t.effect in _BLOCKING_EFFECTS and t.key.startswith(_NODE_LIFECYCLE_PREFIX) for t in node.spec.taints or []
        )
    )


def node_facts(node: Any) -> Node:
    """Return the properties of a node, read from an object of the API server, that decide on scheduling."""
    taints = tuple(
        (t.key, t.value or "", t.effect)
        for t in node.spec.taints or []
        if t.effect in _BLOCKING_EFFECTS and not t.key.startswith(_NODE_LIFECYCLE_PREFIX)
    )
    return Node(node.metadata.name, node.metadata.labels or {}, taints)


def _is_reserved(node: dict[str, Any]) -> bool:
    """Return whether a node is tainted for good. A node that is down or cordoned still is a failure domain."""
    return any(map(_is_permanent, node["spec"].get("taints") or []))


def _is_permanent(taint: dict[str, Any]) -> bool:
    return taint["effect"] in _BLOCKING_EFFECTS and not taint["key"].startswith(_NODE_LIFECYCLE_PREFIX)


def _allocatable(nodes: list[dict[str, Any]]) -> Allocatable | None:
    reported = [node["status"]["allocatable"] for node in nodes if node["status"].get("allocatable")]
    if not reported:
        return None
    cpu, memory, storage, pods = (
        max(amount(each.get(name, "0")) for each in reported) for name in ("cpu", "memory", "ephemeral-storage", "pods")
    )
    return Allocatable(cpu, memory, storage, int(pods))


def _version(client: Client) -> tuple[int, int] | None:
    answer = client.get_if_permitted("/version")
    if answer is None:
        return None
    numbers = re.match(r"(\d+)\D*\.(\d+)", f"{answer['major']}.{answer['minor']}")  # some report "30+"
    if not numbers:
        raise InspectionError(f"the API server reports the version {answer.get('gitVersion')!r}", API_SERVER_ERROR)
    return int(numbers[1]), int(numbers[2])
