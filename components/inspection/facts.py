"""What a cluster is: its failure domains, its version, what it serves."""

from __future__ import annotations

import re
from typing import Any

from ..availability import ClusterFacts, Node, Room
from ..settings.quantity import amount
from ..settings.well_known import ZONE_LABEL
from .client import Client, InspectionError

_BLOCKING = ("NoSchedule", "NoExecute")
_PASSING = "node.kubernetes.io/"  # what Kubernetes sets and takes away itself
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def of_cluster(client: Client) -> ClusterFacts:
    """Asks for all of it. What the account may not see stays unknown. Raises InspectionError."""
    nodes = _entries(client.look("/api/v1/nodes"), "items")
    groups = _entries(client.look("/apis"), "groups")
    classes = _entries(client.look("/apis/scheduling.k8s.io/v1/priorityclasses"), "items")
    usable = [node for node in nodes if not _reserved(node)] if nodes is not None else None
    labels = [node["metadata"].get("labels") or {} for node in usable or []]
    return ClusterFacts(
        zones=tuple(sorted({found[ZONE_LABEL] for found in labels if found.get(ZONE_LABEL)})),
        nodes=None if usable is None else len(usable),
        room=_room(usable or []),
        version=_version(client),
        apis=None if groups is None else frozenset(group["name"] for group in groups),
        priority_classes=None if classes is None else frozenset(each["metadata"]["name"] for each in classes),
        inventory=tuple(map(_node, nodes or [])),
    )


def claims_of(client: Client, namespace: str) -> dict[str, frozenset[str]] | None:
    """How each PersistentVolumeClaim of a namespace can be mounted; None where they may not be seen. Raises InspectionError."""
    found = _entries(client.look(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"), "items")
    return (
        None
        if found is None
        else {each["metadata"]["name"]: frozenset(each["spec"].get("accessModes") or ()) for each in found}
    )


def _entries(answer: dict[str, Any] | None, key: str) -> list[dict[str, Any]] | None:
    return None if answer is None else answer.get(key) or []


def classes_of(client: Client) -> dict[str, bool] | None:
    """The IngressClasses, and whether each is the default; None where they may not be seen. Raises InspectionError."""
    found = _entries(client.look("/apis/networking.k8s.io/v1/ingressclasses"), "items")
    return (
        None
        if found is None
        else {
            each["metadata"]["name"]: (each["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
            for each in found
        }
    )


def route_fields_of(client: Client) -> frozenset[str] | None:
    """What a rule of an HTTPRoute may hold, by the schema that the API server publishes; None where it shows none.

    The definition itself would tell the channel's name, and few accounts may read it. Raises InspectionError.
    """
    published = client.look("/openapi/v3/apis/gateway.networking.k8s.io/v1") or {}
    for schema in (published.get("components") or {}).get("schemas", {}).values():
        if any(kind["kind"] == "HTTPRoute" for kind in schema.get("x-kubernetes-group-version-kind") or ()):
            rule = schema["properties"]["spec"]["properties"]["rules"]["items"]
            return frozenset(rule.get("properties") or ())
    return None


def _node(found: dict[str, Any]) -> Node:
    taints = found["spec"].get("taints") or []
    return Node(
        found["metadata"]["name"],
        found["metadata"].get("labels") or {},
        tuple((taint["key"], taint.get("value") or "", taint["effect"]) for taint in taints if _for_good(taint)),
        _room([found]),
    )


def takes_pods(node: Any) -> bool:
    """Whether pods that tolerate what a node is set aside by could be put on it at this moment."""
    ready = any(c.type == "Ready" and c.status == "True" for c in node.status.conditions or [])
    return (
        ready
        and not node.spec.unschedulable
        and not any(t.effect in _BLOCKING and t.key.startswith(_PASSING) for t in node.spec.taints or [])
    )


def seen(node: Any) -> Node:
    """A node of the official client's answer, as rules look at it."""
    taints = tuple(
        (t.key, t.value or "", t.effect)
        for t in node.spec.taints or []
        if t.effect in _BLOCKING and not t.key.startswith(_PASSING)
    )
    return Node(node.metadata.name, node.metadata.labels or {}, taints)


def _reserved(node: dict[str, Any]) -> bool:
    """Set aside for good. A node that is merely down, or cordoned, still is one of the cluster's failure domains."""
    return any(map(_for_good, node["spec"].get("taints") or []))


def _for_good(taint: dict[str, Any]) -> bool:
    return taint["effect"] in _BLOCKING and not taint["key"].startswith(_PASSING)


def _room(nodes: list[dict[str, Any]]) -> Room | None:
    told = [node["status"]["allocatable"] for node in nodes if node["status"].get("allocatable")]
    if not told:
        return None
    cpu, memory, storage, pods = (
        max(amount(each.get(name, "0")) for each in told) for name in ("cpu", "memory", "ephemeral-storage", "pods")
    )
    return Room(cpu, memory, storage, int(pods))


def _version(client: Client) -> tuple[int, int] | None:
    answer = client.look("/version")
    if answer is None:
        return None
    numbers = re.match(r"(\d+)\D*\.(\d+)", f"{answer['major']}.{answer['minor']}")  # some write "30+"
    if not numbers:
        raise InspectionError(f"the API server calls its version {answer.get('gitVersion')!r}")
    return int(numbers[1]), int(numbers[2])
