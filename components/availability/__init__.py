"""The promise: what the settings survive, what it costs, and what cannot hold. Pure rules: no Pulumi, no YAML, no cluster."""

from .facts import UNKNOWN, ClusterFacts, Node, Room, of_zones, stated
from .multi_cluster import conflicts as of_placements
from .promise import FAILURES, Promise, promise
from .rules import conflicts, of_stack

__all__ = [
    "FAILURES",
    "UNKNOWN",
    "ClusterFacts",
    "Node",
    "Promise",
    "Room",
    "conflicts",
    "of_placements",
    "of_stack",
    "of_zones",
    "promise",
    "stated",
]
