"""A cluster that exists already and is reached by a kubeconfig."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from ..settings.base import Zone
from .kind import ClusterKind
from .zones import DISTINCT

if TYPE_CHECKING:
    import pulumi

    from ..availability import ClusterFacts
    from ..preflight import KnownCluster, LookUp
    from .found import FoundCluster, RegisteredCluster


class ExistingCluster(ClusterKind):
    """An existing cluster, reached by an explicit kubeconfig and context, never by whichever context is current."""

    example: ClassVar[Mapping[str, Any]] = {
        "kind": "existing",
        "kubeconfig": "~/.kube/config",
        "context": "production",
    }

    kind: Literal["existing"]
    kubeconfig: str = Field(
        min_length=1, description="Path of the kubeconfig file. `~` and environment variables are expanded."
    )
    context: str = Field(min_length=1, description="The context to use in that kubeconfig.")
    identifier: str | None = Field(
        None,
        min_length=1,
        description="A name that stays the same for as long as it is the same cluster. If it changes, all resources "
        "are replaced. Omitted: the name of the context.",
    )
    zones: Annotated[list[Zone], DISTINCT] = Field(
        default_factory=list,
        max_length=10,
        description="The zones of the nodes, as in their label topology.kubernetes.io/zone. Omitted: the zones that "
        "the nodes report. If a zone listed here has lost its nodes, a deployment warns instead of failing.",
    )

    def facts_from_settings(self) -> "ClusterFacts":
        """Return the zones, if the settings list them."""
        from ..availability import facts_from_zones

        return facts_from_zones(self.zones)

    def identities(self) -> Iterator[tuple[str, object]]:
        """Yield the context, and the identifier if there is one."""
        yield "context", (self.kubeconfig, self.context)
        if self.identifier:
            yield "identifier", self.identifier

    def replacing(self) -> Mapping[str, Any]:
        """Return the identifier: the cluster may move to another kubeconfig."""
        return {"kind": self.kind, "identifier": self.identifier or self.context}

    def check(self, options: "LookUp") -> None:
        """Check that the API server answers."""
        from .. import preflight

        preflight.answers(self.locate(options))

    def locate(self, options: "LookUp") -> "KnownCluster":
        """Return the way through the kubeconfig, reduced to the one context."""
        from .. import preflight
        from ..inspection.access import ClusterAccess

        kubeconfig = preflight.reduced_file(self.kubeconfig, self.context, options.key)
        return preflight.KnownCluster(
            ClusterAccess(kubeconfig, self.context, self.identifier or self.context),
            tuple(self.zones),
            f"context {self.context!r}",
            "correct the context",
            options.key,
            f"{options.key}.zones",
        )

    def register(self, name: str, parent: "pulumi.Resource", found: "FoundCluster") -> "RegisteredCluster":
        """Register nothing: the cluster exists."""
        from .found import register_known

        return register_known(found, context=self.context, fallback=self.identifier or self.context)
