"""What every part of one namespace shares: its name, its labels, its place under a component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs


@dataclass(frozen=True)
class Space:
    """Handed to each part. ``prefix`` starts the logical name of every child, which is a contract: renaming replaces."""

    prefix: str
    name: str
    namespace: str
    labels: dict[str, str]
    parent: pulumi.Resource

    def meta(
        self,
        *,
        named: bool = True,
        suffix: str = "",
        annotations: dict[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> ObjectMetaArgs:
        """Metadata in the namespace. ``labels``: more of them.

        Named objects carry the name of what they belong to, so that its DNS name and runbooks stay true; objects whose content
        cannot change are left to the engine's auto-naming, so that a new one exists before the old one goes.
        """
        name = f"{self.name}-{suffix}" if suffix else self.name
        return ObjectMetaArgs(
            name=name if named else None,
            namespace=self.namespace,
            labels={**self.labels, **(labels or {})},
            annotations=annotations,
        )

    def options(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """A child's options: under the component, after the resources named."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(after), **more)

    def replaceable(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """The same for what settings replace or take away by design: protected, it would refuse them."""
        return self.options(after, protect=False, **more)
