"""What the promise and its rules must know of a cluster."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..settings import ClusterApiCluster, ClusterSettings, ExistingCluster, LocalCluster
from ..settings.pod_template.scheduling import HOST
from ..settings.well_known import ZONE_LABEL
from .mesh import NO_MESH, MeshFacts


@dataclass(frozen=True)
class Room:
    """What one node has for pods: CPU cores, bytes of memory, bytes that pods may write, and how many pods."""

    cpu: Decimal
    memory: Decimal
    storage: Decimal
    pods: int


@dataclass(frozen=True)
class Node:
    """What decides whether a pod may be put on a node. ``taints``: key, value and effect of those that are there for good.

    Of one that is not ``complete`` only the labels named here are known.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    taints: tuple[tuple[str, str, str], ...] = ()
    room: Room | None = None
    complete: bool = True


@dataclass(frozen=True)
class ClusterFacts:
    """Failure domains and abilities of a cluster. None, or no zone with ``nodes`` None, means that nobody has looked.

    ``nodes``: how many nodes pods can be put on. ``zones``: the zones these are in, empty where they carry no zone label.
    ``room``: the most that any of them has of each thing. ``ours_alone``: all are of that size and
    nothing else runs there. ``version``: Kubernetes' minor version, e.g. (1, 36). ``apis``: the API groups it serves.
    ``priority_classes``: the names of its PriorityClasses. ``inventory``: its nodes one by one, those that are set aside by
    taints as well; the numbers above leave these out. ``claims``: how the PersistentVolumeClaims of the backend's namespace can
    be mounted, such as ReadWriteMany. ``ingress_classes``: its IngressClasses, and whether each is the default.
    ``route_fields``: what a rule of an HTTPRoute may hold there. ``mesh``: what is there of the backend's service mesh.
    """

    zones: tuple[str, ...] = ()
    nodes: int | None = None
    room: Room | None = None
    ours_alone: bool = False
    version: tuple[int, int] | None = None
    apis: frozenset[str] | None = None
    priority_classes: frozenset[str] | None = None
    inventory: tuple[Node, ...] = field(default=(), compare=False)
    claims: Mapping[str, frozenset[str]] | None = field(default=None, compare=False)
    ingress_classes: Mapping[str, bool] | None = field(default=None, compare=False)
    route_fields: frozenset[str] | None = field(default=None, compare=False)
    mesh: MeshFacts | None = field(default=None, compare=False)

    @property
    def least_nodes(self) -> int:
        """Nodes there are for certain: every zone has at least one."""
        return max(self.nodes or 0, len(self.zones))

    @property
    def nodes_per_zone(self) -> int:
        """Nodes of a zone, if all have about as many; 1 where nobody has counted them."""
        return math.ceil(self.least_nodes / len(self.zones)) if self.zones else 1

    @property
    def zones_known(self) -> bool:
        """Whether the zones are known, be there none."""
        return bool(self.zones) or self.nodes is not None


UNKNOWN = ClusterFacts()
# A simulated node, as components.devcluster.kwok_config makes it (a test holds the two equal).
LOCAL_ROOM = Room(Decimal(4), Decimal(8 * 2**30), Decimal(64 * 2**30), 110)


def stated(cluster: ClusterSettings | None) -> ClusterFacts:
    """What the settings alone say of a cluster: all of an embedded one but the room of real nodes, else the zones, if any."""
    if isinstance(cluster, LocalCluster):
        major, minor = cluster.kubernetes.split(".")
        known = cluster.nodes == "simulated"  # a real node is as large as this machine, which the settings do not know
        return ClusterFacts(
            tuple(cluster.zones),
            len(cluster.zones) * cluster.nodes_per_zone,
            LOCAL_ROOM if known else None,
            known,
            (int(major), int(minor)),
            frozenset({"metrics.k8s.io"}),
            frozenset(),
            tuple(_embedded(cluster, known)),
            ingress_classes={},
            mesh=NO_MESH,
        )
    if isinstance(cluster, ClusterApiCluster):
        return _to_be_made(cluster)
    if not isinstance(cluster, ExistingCluster):
        return UNKNOWN
    return of_zones(cluster.zones)


def of_zones(zones: Sequence[str]) -> ClusterFacts:
    """What is known where only the zones are: that each has a node."""
    return ClusterFacts(tuple(zones), inventory=tuple(Node(zone, {ZONE_LABEL: zone}, complete=False) for zone in zones))


def _to_be_made(cluster: ClusterApiCluster) -> ClusterFacts:
    """A cloud adds labels, and what else runs there takes room: neither is known before."""
    major, minor = cluster.version.split(".")[:2]
    each = sum(pool.machines_per_zone for pool in cluster.workers)
    nodes = tuple(
        Node(f"{zone}-{number}", {ZONE_LABEL: zone}, complete=False)
        for zone in cluster.node_zones
        for number in range(1, each + 1)
    )
    return ClusterFacts(cluster.node_zones, len(nodes), version=(int(major), int(minor)), inventory=nodes)


def _embedded(cluster: LocalCluster, simulated: bool) -> Iterator[Node]:
    """As local makes them (a test holds them equal); a real one has more labels, and the architecture of this machine."""
    for zone in cluster.zones:
        for number in range(1, cluster.nodes_per_zone + 1):
            name = f"{zone}-{number}"
            labels = {
                HOST: name,
                "kubernetes.io/os": "linux",
                ZONE_LABEL: zone,
                "topology.kubernetes.io/region": "local",
                **({"kubernetes.io/arch": "amd64"} if simulated else {}),
            }
            yield Node(name, labels, (), LOCAL_ROOM if simulated else None, complete=simulated)
