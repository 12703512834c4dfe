"""What the promise and its rules need to know about a cluster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..settings import ClusterSettings
from ..settings.well_known import ZONE_LABEL
from .mesh_support import MeshFacts


@dataclass(frozen=True)
class Allocatable:
    """Allocatable resources of a node: CPU cores, bytes of memory, bytes of ephemeral storage, number of pods."""

    cpu: Decimal
    memory: Decimal
    storage: Decimal
    pods: int


@dataclass(frozen=True)
class Node:
    """The properties of a node that decide whether the scheduler may place a pod on it.

    ``taints`` holds key, value and effect of each permanent taint. If a node is not ``complete``, it may carry more
    labels than the ones listed here.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    taints: tuple[tuple[str, str, str], ...] = ()
    allocatable: Allocatable | None = None
    complete: bool = True


@dataclass(frozen=True)
class ClusterFacts:
    """Failure domains and features of a cluster.

    None means unknown. Empty ``zones`` are unknown, too, while ``nodes`` is None.
    """

    zones: tuple[str, ...] = ()
    """Zones of the schedulable nodes. Empty if the nodes carry no zone label."""
    nodes: int | None = None
    """Number of schedulable nodes."""
    largest_node: Allocatable | None = None
    """For each resource, the most that any node has."""
    dedicated: bool = False
    """All nodes have that size, and nothing but the backend runs on them."""
    version: tuple[int, int] | None = None
    """Kubernetes' major and minor version, such as (1, 36)."""
    apis: frozenset[str] | None = None
    """API groups that the API server serves."""
    priority_classes: frozenset[str] | None = None
    """Names of the PriorityClasses."""
    inventory: tuple[Node, ...] = field(default=(), compare=False)
    """The single nodes, including tainted ones, which the numbers above exclude."""
    claims: Mapping[str, frozenset[str]] | None = field(default=None, compare=False)
    """Access modes, such as ReadWriteMany, of each PersistentVolumeClaim in the backend's namespace."""
    ingress_classes: Mapping[str, bool] | None = field(default=None, compare=False)
    """The IngressClasses, and whether each is the default."""
    route_fields: frozenset[str] | None = field(default=None, compare=False)
    """Fields that a rule of an HTTPRoute has."""
    mesh: MeshFacts | None = field(default=None, compare=False)
    """What the cluster has of the backend's service mesh."""

    @property
    def min_nodes(self) -> int:
        """Lower bound of the number of nodes: every zone has at least one."""
        return max(self.nodes or 0, len(self.zones))

    @property
    def nodes_per_zone(self) -> int:
        """Nodes of a zone if all zones are of similar size; 1 if the number of nodes is unknown."""
        return math.ceil(self.min_nodes / len(self.zones)) if self.zones else 1

    @property
    def zones_known(self) -> bool:
        """Whether the zones are known, even if there are none."""
        return bool(self.zones) or self.nodes is not None


UNKNOWN = ClusterFacts()
# Allocatable resources of a simulated node. A test holds them equal to components.devcluster.kwok_config.
SIMULATED_NODE = Allocatable(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110)


def facts_from_settings(cluster: ClusterSettings | None) -> ClusterFacts:
    """Return the facts that follow from the settings alone, as each kind of cluster defines them."""
    return cluster.facts_from_settings() if cluster else UNKNOWN


def facts_from_zones(zones: Sequence[str]) -> ClusterFacts:
    """Return the facts of a cluster of which only the zones are known: each has at least one node."""
    return ClusterFacts(tuple(zones), inventory=tuple(Node(zone, {ZONE_LABEL: zone}, complete=False) for zone in zones))
