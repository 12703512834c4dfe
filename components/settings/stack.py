"""The settings of a stack: everything that a stack file contains under the name of the project."""

from typing import Any

from pydantic import Field

from .backend import BackendSettings
from .balancer import BalancerSettings
from .base import SettingsModel
from .cluster import ClusterSettings
from .placements import MAX_PLACEMENTS, ClusterPlacement, Site, merged

PROJECT = "ha-backend"


def _never_null(schema: dict[str, Any]) -> None:
    """Remove null from a schema: an optional setting is omitted, and never null."""
    del schema["default"]
    schema |= next(option for option in schema.pop("anyOf") if option.get("type") != "null")


class Settings(SettingsModel):
    """The settings of one stack."""

    cluster: ClusterSettings | None = Field(
        None, description="The cluster to run on, for example `{kind: local}`.", json_schema_extra=_never_null
    )
    placements: list[ClusterPlacement] = Field(
        default_factory=list,
        min_length=2,
        max_length=MAX_PLACEMENTS,
        description="Two or more clusters to run on at once, instead of `cluster`. A release updates them in this "
        "order, each after the backend on the previous one is verified (docs/how-to/several-clusters.md).",
    )
    balancer: BalancerSettings | None = Field(
        None,
        description="The DNS or load balancer over the `placements`. Required with them, and only valid with them.",
    )
    backend: BackendSettings = Field(description="The backend to run.")
    protect: bool = Field(
        False,
        description="Whether Pulumi refuses to delete resources of this stack. Resources that other settings replace "
        "or remove are excepted: autoscaler, configuration, generated secrets.",
    )

    @property
    def sites(self) -> tuple[Site, ...]:
        """Each cluster with the backend's settings there, in the order in which a release updates them."""
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
        """Whether the stack has several clusters."""
        return bool(self.placements)
