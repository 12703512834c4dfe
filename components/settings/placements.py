"""The settings of a backend on several clusters at once."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from .backend import BackendSettings
from .base import SettingsModel, form
from .cluster import ClusterSettings

# A part of logical names, of directories and of keys in messages.
PlacementName = Annotated[
    str,
    form(
        r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "lowercase letters, digits and '-', starting with a letter and not ending with '-'",
        max_length=20,
    ),
]
MAX_PLACEMENTS = 20
# These define the release, the load balancer's view of the backend, and its identity in the state.
SAME = (
    "image",
    "name",
    "namespace",
    "port",
    "servicePort",
    "metricsPort",
    "health",
    "rollout",
    "selector",
    "generatedSecrets",
)
MAY_DIFFER = tuple(
    key for key in (field.alias or name for name, field in BackendSettings.model_fields.items()) if key not in SAME
)


class ClusterPlacement(SettingsModel):
    """One of the clusters that the backend runs on."""

    name: PlacementName = Field(
        description="Name of the placement. It is part of the names of its resources in the state: another name "
        "moves the backend to another cluster."
    )
    cluster: ClusterSettings = Field(description="The cluster, with the same keys as `cluster`.")
    backend: dict[str, Any] = Field(
        default_factory=dict,
        description="Overrides of `backend` on this cluster, merged by key; a list replaces the whole list. These keys "
        f"cannot be overridden: {', '.join(f'`{key}`' for key in SAME)}.",
    )
    adopted_from_cluster: bool = Field(
        False,
        description="Whether this is the stack's former `cluster`, from before it had placements. Its resources keep "
        "their names in the state, so nothing is replaced. Never change it afterwards.",
    )


@dataclass(frozen=True)
class Site:
    """A cluster of the stack, and the backend's settings there.

    ``name`` is the name of the placement; empty if the stack has one cluster.
    """

    name: str
    cluster: ClusterSettings
    backend: BackendSettings
    adopted_from_cluster: bool = False

    @property
    def key(self) -> str:
        """The key of the cluster's settings in a stack file."""
        return f"ha-backend:placements.{self.name}.cluster" if self.name else "ha-backend:cluster"

    @property
    def distinct(self) -> str:
        """The part of names and directories that distinguishes the cluster. Empty if it is, or was, the only one."""
        return "" if self.adopted_from_cluster else self.name


def merged(whole: Any, part: Any) -> Any:
    """Merge ``part`` into ``whole`` by key. Anything but a group of settings is replaced."""
    if not isinstance(whole, dict) or not isinstance(part, dict):
        return part
    return {**whole, **{key: merged(whole[key], value) if key in whole else value for key, value in part.items()}}
