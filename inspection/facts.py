"""What a cluster is: its failure domains, its version, what it serves."""

from __future__ import annotations

import re
from typing import Any

from availability import ClusterFacts, Room
from inspection.client import Client, InspectionError
from settings.quantity import amount

ZONE = "topology.kubernetes.io/zone"
_BLOCKING = ("NoSchedule", "NoExecute")


def of_cluster(client: Client) -> ClusterFacts:
    """Asks for all of it. What the account may not see stays unknown. Raises InspectionError."""
    nodes = client.glance(client.CoreV1Api.list_node)
    usable = [node for node in nodes.items if not _reserved(node)] if nodes else None
    groups = client.glance(client.ApisApi.get_api_versions)
    classes = client.glance(client.SchedulingV1Api.list_priority_class)
    return ClusterFacts(
        zones=tuple(sorted({zone for node in usable or [] if (zone := (node.metadata.labels or {}).get(ZONE))})),
        nodes=None if usable is None else len(usable),
        room=_room(usable or []),
        version=_version(client),
        apis=frozenset(group.name for group in groups.groups) if groups else None,
        priority_classes=frozenset(entry.metadata.name for entry in classes.items) if classes else None)


def takes_pods(node: Any) -> bool:
    """Whether a pod could be put on a node at this moment."""
    ready = any(c.type == "Ready" and c.status == "True" for c in node.status.conditions or [])
    return ready and not node.spec.unschedulable and not any(t.effect in _BLOCKING for t in node.spec.taints or [])


def _reserved(node: Any) -> bool:
    """Set aside for good. A node that is merely down, or cordoned, still is one of the cluster's failure domains."""
    return any(taint.effect in _BLOCKING and not taint.key.startswith("node.kubernetes.io/")
               for taint in node.spec.taints or [])


def _room(nodes: list[Any]) -> Room | None:
    told = [node.status.allocatable for node in nodes if node.status.allocatable]
    if not told:
        return None
    cpu, memory, storage, pods = (max(amount(each.get(name, "0")) for each in told)
                                  for name in ("cpu", "memory", "ephemeral-storage", "pods"))
    return Room(cpu, memory, storage, int(pods))


def _version(client: Client) -> tuple[int, int] | None:
    answer = client.glance(client.VersionApi.get_code)
    if answer is None:
        return None
    numbers = re.match(r"(\d+)\D*\.(\d+)", f"{answer.major}.{answer.minor}")  # some write "30+"
    if not numbers:
        raise InspectionError(f"the API server calls its version {answer.git_version!r}")
    return int(numbers[1]), int(numbers[2])
