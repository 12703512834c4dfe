"""The interface of a cloud."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from ...settings.base import SettingsModel, form
from .parts import Parts

if TYPE_CHECKING:
    from ..cluster_api import ClusterApiCluster

# The name of a region, as all three clouds write it.
Region = Annotated[
    str,
    form(r"^[a-z0-9]+(-[a-z0-9]+)*$", "a region: lowercase letters, digits and single '-'", max_length=40),
]


@dataclass(frozen=True)
class Required:
    """An object that the provider needs on the management cluster: its key in the settings, path and title."""

    key: str
    path: str
    title: str


class Cloud(SettingsModel):
    """The settings of a cluster on one cloud, with what Cluster API needs to create it there.

    The name of a cloud in the registry is the key of its settings, and its docstring their description.
    """

    provider: ClassVar[str]
    """The name for `clusterctl init --infrastructure`."""
    definitions: ClassVar[str]
    """Where the definitions of its resources are, as ``module@version/folder``. Tests check the templates by them."""
    max_name_length: ClassVar[int] = 52
    """The longest name of a cluster. 52 characters leave 11 of 63 for the suffix of the longest child name."""
    max_pool_machines: ClassVar[int] = 1000
    """The most machines of one pool, over all zones: AKS and GKE limit a node pool to 1,000 nodes."""
    version_suffix: ClassVar[bool] = False
    """Whether versions may end in a suffix of the cloud."""
    has_nodes: ClassVar[bool] = True
    """Whether the cluster has nodes to inspect. Simulated ones say nothing that the settings do not."""

    @abstractmethod
    def parts(self, cluster: "ClusterApiCluster") -> Parts:
        """Return the templates of the cluster."""

    def zone_problem(self, zone: str) -> tuple[str, tuple[str, ...]] | None:
        """Return what is wrong with a zone and how to fix it, and the other keys involved. None: the zone may exist."""
        return None

    def node_zone(self, zone: str) -> str:
        """Return the value of the nodes' label topology.kubernetes.io/zone for a zone of the settings."""
        return zone

    def required(self, namespace: str) -> Iterator[Required]:
        """Yield what the provider needs on the management cluster. ``namespace`` is the cluster's namespace there."""
        yield from ()
