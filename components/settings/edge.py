"""What a stack may say of a site at the edge: few nodes, and a link to the control plane that drops."""

from typing import Literal

from pydantic import Field

from .base import Group, LabelKey, LabelValue

Architecture = Literal["amd64", "arm64"]


class Edge(Group):
    """A site whose link to the control plane drops: pods stay where they are, and serve on."""

    architectures: list[Architecture] = Field(
        min_length=1,
        max_length=2,
        description="What the image is built for: pods are put on nodes with such a processor and no others.",
    )
    pool: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=10,
        description="Labels of the site's nodes, all of them, e.g. `apps.openyurt.io/nodepool: shop-12`.",
    )
    taints: list[LabelKey] = Field(
        default_factory=list,
        max_length=10,
        description="Keys of the taints by which the site's nodes are kept from other pods. Ours tolerate them.",
    )
