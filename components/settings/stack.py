"""Everything that one stack file may say under the project's own name."""

from typing import Any

from pydantic import Field

from .backend import BackendSettings
from .balancer import BalancerSettings
from .base import SettingsModel
from .cluster import ClusterSettings
from .placements import MOST, ClusterPlacement, Site, merged

PROJECT = "ha-backend"


def _never_null(schema: dict[str, Any]) -> None:
    """What may be left out is not written as nothing: editors, and what is told of errors, see the choice itself."""
    del schema["default"]
    schema |= next(option for option in schema.pop("anyOf") if option.get("type") != "null")


class Settings(SettingsModel):
    """The settings of one stack."""

    cluster: ClusterSettings | None = Field(
        None, description="The cluster to run on, e.g. {kind: local}.", json_schema_extra=_never_null
    )
    placements: list[ClusterPlacement] = Field(
        default_factory=list,
        min_length=2,
        max_length=MOST,
        description="Two clusters or more to run on at once, in the place "
        "of `cluster`. A release reaches them in this order, each only when the one before was found to keep its promise "
        "(docs/how-to/several-clusters.md).",
    )
    balancer: BalancerSettings | None = Field(
        None, description="The DNS or load balancer over the `placements`; required with them, and only there."
    )
    backend: BackendSettings = Field(description="The backend to run.")
    protect: bool = Field(
        False,
        description="Whether the engine refuses to delete anything of this stack, but for what other settings replace "
        "or take away: autoscaler, configuration, generated secrets.",
    )

    @property
    def sites(self) -> tuple[Site, ...]:
        """Each cluster with the backend as it is there, in the order in which a release reaches them."""
        if self.cluster:
            return (Site("", self.cluster, self.backend),)
        common = self.backend.model_dump(by_alias=True, exclude_unset=True)
        return tuple(
            Site(
                one.name,
                one.cluster,
                BackendSettings.model_validate(merged(common, one.backend)),
                one.adopted_from_cluster,
            )
            for one in self.placements
        )

    @property
    def several(self) -> bool:
        """Whether there is more than one cluster."""
        return bool(self.placements)
