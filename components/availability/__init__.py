"""The availability promise: what the settings survive, what it costs, and which settings cannot hold.

Pure functions over settings and cluster facts. Does not depend on Pulumi, YAML or an API server.
"""

from .cluster_loss import conflicts as placement_conflicts
from .facts import UNKNOWN, Allocatable, ClusterFacts, Node, facts_from_settings, facts_from_zones
from .promise import FAILURES, Promise, promise
from .rules import conflicts, stack_conflicts

__all__ = [
    "FAILURES",
    "UNKNOWN",
    "Allocatable",
    "ClusterFacts",
    "Node",
    "Promise",
    "conflicts",
    "facts_from_settings",
    "facts_from_zones",
    "placement_conflicts",
    "promise",
    "stack_conflicts",
]
