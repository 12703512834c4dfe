"""The nodes that the backend's pods may be scheduled on.

If the pod template selects nodes, all rules consider only those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.conflict import Conflict
from ..settings.pod_template import reader
from ..settings.pod_template.scheduling import ARCHITECTURE
from ..settings.well_known import ZONE_LABEL
from .facts import Allocatable, ClusterFacts, Node
from .node_affinity import matches_requirement, matches_term, required_terms, tolerates

_MAX_NAMES = 5  # nodes that a message names; there may be thousands


def restricts_nodes(backend: BackendSettings) -> bool:
    """Return whether any setting decides on which nodes pods may run."""
    pod = reader.pod_spec(backend.pod_template)
    return bool(backend.edge or pod.get("nodeSelector") or pod.get("tolerations") or required_terms(pod))


def eligible_facts(backend: BackendSettings, cluster: ClusterFacts) -> ClusterFacts:
    """Return the facts of the nodes that pods may run on. Unchanged if the single nodes are unknown."""
    if not restricts_nodes(backend) or not cluster.inventory:
        return cluster
    nodes = tuple(node for node in cluster.inventory if can_schedule(backend, node))
    known = {node.labels[ZONE_LABEL] for node in cluster.inventory if node.labels.get(ZONE_LABEL)}
    eligible = {node.labels[ZONE_LABEL] for node in nodes if node.labels.get(ZONE_LABEL)}
    # A zone that only the settings name has lost its nodes: their properties are unknown.
    zones = tuple(sorted({*eligible, *(zone for zone in cluster.zones if zone not in known)}))
    return replace(
        cluster,
        zones=zones,
        nodes=None if cluster.nodes is None else len(nodes),
        largest_node=_largest(nodes),
        inventory=nodes,
    )


def can_schedule(backend: BackendSettings, node: Node) -> bool:
    """Return whether the backend's pods may run on a node, as far as its properties are known."""
    pod = reader.pod_spec(backend.pod_template)
    edge = backend.edge
    labels = {**(pod.get("nodeSelector") or {}), **(edge.pool if edge else {})}
    requirements = [{"key": key, "operator": "In", "values": [value]} for key, value in labels.items()]
    requirements += [{"key": ARCHITECTURE, "operator": "In", "values": list(edge.architectures)}] if edge else []
    tolerations = [
        *(pod.get("tolerations") or ()),
        *({"key": key, "operator": "Exists"} for key in (edge.taints if edge else ())),
    ]
    terms = required_terms(pod)
    return (
        all(matches_requirement(one, node.labels, complete=node.complete) for one in requirements)
        and (not terms or any(matches_term(term, node) for term in terms))
        and all(any(tolerates(one, taint) for one in tolerations) for taint in node.taints)
    )


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Yield a node selection that leaves fewer domains than `survive` needs, although the cluster has them."""
    if not restricts_nodes(backend):
        return
    eligible = eligible_facts(backend, cluster)
    key, value = _selection(backend)
    excluded = _excluded_nodes(cluster, eligible) if backend.edge else ""
    if cluster.inventory and not eligible.inventory:
        yield Conflict(
            key,
            value,
            f"leaves no node for the pods{excluded}: select by labels that nodes have (kubectl get nodes "
            "--show-labels)",
            ("podTemplate",),
            kind=errors.NO_ELIGIBLE_NODE,
        )
    elif backend.survive == "zone" and cluster.zones_known and len(eligible.zones) < 2 <= len(cluster.zones):
        yield Conflict(
            key,
            value,
            f"leaves only the nodes of {' and '.join(eligible.zones) or 'no zone'}{excluded}, so survive: zone cannot "
            "hold: select nodes in at least two zones, or set survive to node",
            ("survive",),
            kind=errors.NODE_SELECTION_TOO_NARROW,
        )
    elif (
        backend.survives_nodes
        and eligible.nodes is not None
        and cluster.nodes is not None
        and eligible.min_nodes < 2 <= cluster.min_nodes
    ):
        yield Conflict(
            key,
            value,
            f"leaves {eligible.nodes} node for the pods{excluded}, so survive: {backend.survive} cannot hold: select "
            "at least two nodes, or set survive to pod",
            ("survive",),
            kind=errors.NODE_SELECTION_TOO_NARROW,
        )


def _selection(backend: BackendSettings) -> tuple[str, Any]:
    """Return the setting that selects nodes, and its value."""
    if backend.edge:
        return "edge", backend.edge.model_dump(by_alias=True, exclude_unset=True)
    pod = reader.pod_spec(backend.pod_template)
    key = "podTemplate.spec.nodeSelector" if pod.get("nodeSelector") else "podTemplate.spec.affinity.nodeAffinity"
    return key, pod.get("nodeSelector") or (pod.get("affinity") or {}).get("nodeAffinity") or {}


def _excluded_nodes(cluster: ClusterFacts, eligible: ClusterFacts) -> str:
    """Name the nodes that are not eligible, up to a few."""
    chosen = {node.name for node in eligible.inventory}
    names = [node.name for node in cluster.inventory if node.name not in chosen]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return f" (not {', '.join(names[:_MAX_NAMES])}{more})" if names else ""


def _largest(nodes: Sequence[Node]) -> Allocatable | None:
    sizes = [node.allocatable for node in nodes if node.allocatable]
    if not sizes:
        return None
    return Allocatable(
        max(size.cpu for size in sizes),
        max(size.memory for size in sizes),
        max(size.storage for size in sizes),
        max(size.pods for size in sizes),
    )
