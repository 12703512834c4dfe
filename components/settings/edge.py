"""The settings of a site at the edge: few nodes, and an unreliable link to the control plane."""

from typing import Literal

from pydantic import Field

from .base import LabelKey, LabelValue, SettingsModel

Architecture = Literal["amd64", "arm64"]


class Edge(SettingsModel):
    """A site with an unreliable link to the control plane. While the link is down, pods stay on their nodes."""

    architectures: list[Architecture] = Field(
        min_length=1,
        max_length=2,
        description="CPU architectures that the image supports. Pods run only on nodes with one of them.",
    )
    pool: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=10,
        description="Labels that select the nodes of the site, such as `apps.openyurt.io/nodepool: shop-12`. A node "
        "must have all of them. If omitted, every node qualifies.",
    )
    taints: list[LabelKey] = Field(
        default_factory=list,
        max_length=10,
        description="Keys of the taints that keep other pods off the nodes of the site. The backend's pods tolerate "
        "them.",
    )
