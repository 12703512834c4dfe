"""The nodes that pods may be put on, where additions to the pod choose among them: all rules then look at no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..settings import BackendSettings
from ..settings.conflict import Conflict
from ..settings.pod_template import reader
from ..settings.pod_template.scheduling import ARCHITECTURE
from ..settings.well_known import ZONE_LABEL
from .facts import ClusterFacts, Node, Room

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_NAMED = 5  # nodes that a message names; there may be thousands
_Labels = Mapping[str, str]


def chooses(backend: BackendSettings) -> bool:
    """Whether anything is added that decides on which nodes pods may be."""
    pod = reader.pod(backend.pod_template)
    return bool(backend.edge or pod.get("nodeSelector") or pod.get("tolerations") or _terms(pod))


def reached(backend: BackendSettings, cluster: ClusterFacts) -> ClusterFacts:
    """The same facts, of the nodes that pods may be put on. Where single nodes are not known, they stay as they are."""
    if not chooses(backend) or not cluster.inventory:
        return cluster
    nodes = tuple(node for node in cluster.inventory if accepts(backend, node))
    known = {node.labels[ZONE_LABEL] for node in cluster.inventory if node.labels.get(ZONE_LABEL)}
    found = {node.labels[ZONE_LABEL] for node in nodes if node.labels.get(ZONE_LABEL)}
    # A zone that only the settings name has lost its nodes: nobody knows what these were like.
    zones = tuple(sorted({*found, *(zone for zone in cluster.zones if zone not in known)}))
    return replace(
        cluster, zones=zones, nodes=None if cluster.nodes is None else len(nodes), room=_largest(nodes), inventory=nodes
    )


def accepts(backend: BackendSettings, node: Node) -> bool:
    """Whether the backend's pods may be put on a node, as far as that is known of it."""
    pod = reader.pod(backend.pod_template)
    edge = backend.edge
    labels = {**(pod.get("nodeSelector") or {}), **(edge.pool if edge else {})}
    wanted = [{"key": key, "operator": "In", "values": [value]} for key, value in labels.items()]
    wanted += [{"key": ARCHITECTURE, "operator": "In", "values": list(edge.architectures)}] if edge else []
    tolerated = [
        *(pod.get("tolerations") or ()),
        *({"key": key, "operator": "Exists"} for key in (edge.taints if edge else ())),
    ]
    terms = _terms(pod)
    return (
        all(_holds(one, node.labels, node.complete) for one in wanted)
        and (not terms or any(_term(term, node) for term in terms))
        and all(any(_tolerates(one, taint) for one in tolerated) for taint in node.taints)
    )


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """A choice of nodes that leaves fewer domains than what is to be survived needs, though the cluster has them."""
    if not chooses(backend):
        return
    left = reached(backend, cluster)
    pod = reader.pod(backend.pod_template)
    key = "podTemplate.spec.nodeSelector" if pod.get("nodeSelector") else "podTemplate.spec.affinity.nodeAffinity"
    given = pod.get("nodeSelector") or (pod.get("affinity") or {}).get("nodeAffinity") or {}
    if backend.edge:
        key, given = "edge", backend.edge.model_dump(by_alias=True, exclude_unset=True)
    out = _left_out(cluster, left) if backend.edge else ""
    if cluster.inventory and not left.inventory:
        yield Conflict(
            key,
            given,
            f"leaves no node for the pods{out}: choose by labels that nodes have (kubectl get nodes --show-labels)",
            ("podTemplate",),
        )
    elif backend.survive == "zone" and cluster.zones_known and len(left.zones) < 2 <= len(cluster.zones):
        yield Conflict(
            key,
            given,
            f"leaves the nodes of {' and '.join(left.zones) or 'no zone'} alone{out}, so survive: "
            "zone cannot hold: choose nodes in two zones or more, or set survive to node",
            ("survive",),
        )
    elif (
        backend.survive != "pod"
        and left.nodes is not None
        and cluster.nodes is not None
        and left.least_nodes < 2 <= cluster.least_nodes
    ):
        yield Conflict(
            key,
            given,
            f"leaves {left.nodes} node for the pods{out}, so survive: {backend.survive} cannot hold: "
            "choose two nodes or more, or set survive to pod",
            ("survive",),
        )


def _left_out(cluster: ClusterFacts, left: ClusterFacts) -> str:
    """Which nodes are not chosen, some of them by name."""
    taken = {node.name for node in left.inventory}
    names = [node.name for node in cluster.inventory if node.name not in taken]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f" (not {', '.join(names[:_NAMED])}{more})" if names else ""


def _terms(pod: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    required = ((pod.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    found: Sequence[Mapping[str, Any]] = required.get("nodeSelectorTerms") or ()
    return found


def _term(term: Mapping[str, Any], node: Node) -> bool:
    """One with nothing in it chooses no node, as in Kubernetes."""
    labels, names = term.get("matchExpressions") or (), term.get("matchFields") or ()
    return (
        bool(labels or names)
        and all(_holds(one, node.labels, node.complete) for one in labels)
        and all(_holds(one, {"metadata.name": node.name}, node.complete) for one in names)
    )


def _holds(requirement: Mapping[str, Any], labels: _Labels, complete: bool) -> bool:
    """A label of which nobody knows whether it is there is taken for the one that is wanted."""
    key, operator, values = requirement["key"], requirement["operator"], requirement.get("values") or []
    if key not in labels:
        return not complete or operator in ("NotIn", "DoesNotExist")
    value = labels[key]
    if operator in ("Gt", "Lt"):
        try:
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
        except (ValueError, IndexError):
            return False
    return {"In": value in values, "NotIn": value not in values, "Exists": True, "DoesNotExist": False}.get(
        operator, False
    )


def _tolerates(toleration: Mapping[str, Any], taint: tuple[str, str, str]) -> bool:
    key, value, effect = taint
    alike = toleration.get("operator", "Equal") == "Exists" or toleration.get("value", "") == value
    # Pods that are to leave after some seconds are none that stay.
    stays = effect != "NoExecute" or "tolerationSeconds" not in toleration
    return toleration.get("key") == key and alike and stays and toleration.get("effect", effect) == effect


def _largest(nodes: Sequence[Node]) -> Room | None:
    rooms = [node.room for node in nodes if node.room]
    if not rooms:
        return None
    return Room(
        max(room.cpu for room in rooms),
        max(room.memory for room in rooms),
        max(room.storage for room in rooms),
        max(room.pods for room in rooms),
    )
