"""Background pods: all nodes outside the largest zone are half full.

On nodes that are equally empty, Kubernetes spreads pods on its own, whatever their constraints. If one zone is emptier,
it is filled first: then only the pods' own constraints spread them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from components.settings.quantity import amount
from components.settings.well_known import ZONE_LABEL
from lab.drills.kube import Kube

NAMESPACE = "background"
_CPU, _MEMORY = 35, 80  # percent of a node that is requested, and not used
_SPARE = 4 * 2**30  # bytes of memory to keep free on every node, for all backends of a lost zone


def background_pods(kube: Kube, image: str) -> list[dict[str, Any]]:
    """Return the objects: a namespace, and a pod on each node outside the largest zone."""
    nodes = kube.nodes()
    zones = {node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "") for node in nodes}
    empty, _ = Counter(zones.values()).most_common(1)[0]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        *_pods(
            ((one.metadata.name, one.status.allocatable) for one in nodes if zones[one.metadata.name] != empty), image
        ),
    ]


def _pods(nodes: Iterable[tuple[str, dict[str, str]]], image: str) -> Iterable[dict[str, Any]]:
    for name, allocatable in nodes:
        cpu, memory = int(amount(allocatable["cpu"]) * 1000), int(amount(allocatable["memory"]))
        requests = {
            "cpu": f"{cpu * _CPU // 100}m",
            "memory": str(max(0, min(memory * _MEMORY // 100, memory - _SPARE))),
        }
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "nodeName": name,
                "terminationGracePeriodSeconds": 1,
                "tolerations": [{"operator": "Exists"}],  # stay, whatever happens to the node
                "containers": [{"name": "background", "image": image, "resources": {"requests": requests}}],
            },
        }
