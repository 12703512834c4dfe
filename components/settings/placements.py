"""What a stack may say where its backend runs on several clusters at once."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from .backend import BackendSettings
from .base import SettingsModel, form
from .cluster import ClusterSettings

# Part of logical names, of folders and of keys in messages.
PlacementName = Annotated[
    str,
    form(
        r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
        "lowercase letters, digits and '-', starting with a letter and not ending with '-'",
        max_length=20,
    ),
]
MOST = 20
# What one release is, what whoever spreads requests relies on, and what the state knows the backend by.
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
        description="Its name, a part of what its resources are called in the state: to change it "
        "later is to move to another cluster."
    )
    cluster: ClusterSettings = Field(description="With the same keys as `cluster`.")
    backend: dict[str, Any] = Field(
        default_factory=dict,
        description="What is different there: any of `backend`'s keys but "
        f"{', '.join(f'`{key}`' for key in SAME)}, merged by key; a list takes the place of the whole list.",
    )
    adopted_from_cluster: bool = Field(
        False,
        description="Whether this is the cluster that the stack named in `cluster` before it had placements. What runs "
        "there keeps its names in the state, so that nothing is replaced. Leave it as it is for good.",
    )


@dataclass(frozen=True)
class Site:
    """A cluster and the whole settings of the backend there. ``name``: of the placement; empty where there is one cluster."""

    name: str
    cluster: ClusterSettings
    backend: BackendSettings
    adopted_from_cluster: bool = False

    @property
    def key(self) -> str:
        """Where a stack file says what the cluster is."""
        return f"ha-backend:placements.{self.name}.cluster" if self.name else "ha-backend:cluster"

    @property
    def distinct(self) -> str:
        """What goes into names and folders that one cluster alone would not need: empty where it is, or was, the only one."""
        return "" if self.adopted_from_cluster else self.name


def merged(whole: Any, part: Any) -> Any:
    """One group of settings over another, by key; anything but a group takes the other's place."""
    if not isinstance(whole, dict) or not isinstance(part, dict):
        return part
    return {**whole, **{key: merged(whole[key], value) if key in whole else value for key, value in part.items()}}
