"""Others on the same nodes, as everywhere: all but the busiest zone's nodes are half full.

On nodes that are all equally empty Kubernetes spreads pods by itself, whatever their owner has said. Where one zone is emptier,
it fills that first: what spreads pods then is their own rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from components.settings.quantity import amount
from components.settings.well_known import ZONE_LABEL
from lab.drills.kube import Kube

NAMESPACE = "neighbours"
_CPU, _MEMORY = 35, 80  # percent of a node that is asked for, and not used
_LEFT = 4 * 2**30  # bytes of memory that stay free on every node, for all backends of a zone that is lost


def neighbours(kube: Kube, image: str) -> list[dict[str, Any]]:
    """The objects: a namespace, and a pod on each node outside the zone that has most nodes."""
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
        asked = {"cpu": f"{cpu * _CPU // 100}m", "memory": str(max(0, min(memory * _MEMORY // 100, memory - _LEFT)))}
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "nodeName": name,
                "terminationGracePeriodSeconds": 1,
                "tolerations": [{"operator": "Exists"}],  # stays, whatever happens to its node
                "containers": [{"name": "neighbour", "image": image, "resources": {"requests": asked}}],
            },
        }
