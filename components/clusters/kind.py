"""The interface of a kind of cluster."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..settings.base import SettingsModel
from ..settings.conflict import Conflict

if TYPE_CHECKING:
    import pulumi

    from ..availability import ClusterFacts
    from ..preflight import KnownCluster, LookUp
    from .found import FoundCluster, RegisteredCluster


class ClusterKind(SettingsModel):
    """The settings of a cluster of one kind, with what programs and commands do with them.

    A subclass imports Pulumi, API clients and whatever else it needs inside the methods that use them: settings are
    read where none of that is installed or wanted.
    """

    example: ClassVar[Mapping[str, Any]]
    """The least settings of such a cluster, as in a stack file."""
    kind: str
    embedded: ClassVar[bool] = False
    """Whether the stack creates the cluster on this machine, and owns everything on it."""

    @abstractmethod
    def facts_from_settings(self) -> "ClusterFacts":
        """Return what the settings alone say about the cluster."""

    def conflicts(self) -> Iterator[Conflict]:
        """Yield every contradiction between the settings. Keys are relative to the cluster."""
        yield from ()

    @abstractmethod
    def identities(self) -> Iterator[tuple[str, object]]:
        """Yield what identifies the cluster, by key. Two placements that share one are on the same cluster."""

    @abstractmethod
    def replacing(self) -> Mapping[str, Any]:
        """Return the settings that replace the cluster if they change."""

    def check(self, options: "LookUp") -> None:
        """Check what can be checked before Pulumi runs. Raises PreflightError."""

    @abstractmethod
    def locate(self, options: "LookUp") -> "KnownCluster":
        """Return how to reach the cluster. Raises PreflightError if it does not exist, or cannot be found."""

    def look_up(self, options: "LookUp") -> "FoundCluster":
        """Return what a program must know about the cluster before it registers anything. Raises PreflightError.

        By default that is what the cluster reports about itself.
        """
        from ..preflight import inspected
        from .found import FoundCluster

        known = self.locate(options)
        return FoundCluster(known, inspected(known, options))

    def rendered(self) -> "FoundCluster":
        """Return the result of a look-up that contacts nothing, for a program that only renders manifests."""
        from .found import FoundCluster

        return FoundCluster()

    @abstractmethod
    def register(self, name: str, parent: "pulumi.Resource", found: "FoundCluster") -> "RegisteredCluster":
        """Register the resources of the cluster below ``parent``, and return what its provider needs."""

    def needs_engine(self) -> str:
        """Return why a deployment to this cluster needs Pulumi. Empty if kubectl can apply rendered manifests."""
        return ""

    def remaining(self) -> Iterator[str]:
        """Yield, in lines, what a failed deletion of the cluster still waits for. Never raises."""
        yield from ()
