"""The promise: what the settings survive, what it costs, and what cannot hold. Pure rules: no Pulumi, no YAML, no cluster."""

from availability.facts import UNKNOWN, ClusterFacts, Node, Room, of_zones, stated
from availability.promise import FAILURES, Promise, promise
from availability.rules import conflicts, of_stack

__all__ = ["FAILURES", "UNKNOWN", "ClusterFacts", "Node", "Promise", "Room", "conflicts", "of_stack", "of_zones", "promise",
           "stated"]
