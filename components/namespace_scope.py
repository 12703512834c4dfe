"""Shared context for the resources of one namespace: its name, its labels and its parent component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs


@dataclass(frozen=True)
class NamespaceScope:
    """Names, labels and resource options for everything in one namespace."""

    prefix: str
    """Start of each child's logical name.
    Logical names are a contract: if one changes, Pulumi replaces the resource."""
    name: str
    """Name of each child in Kubernetes, where Pulumi does not choose the name."""
    namespace: str
    """Name of the namespace."""
    labels: dict[str, str]
    """Labels of every object."""
    parent: pulumi.Resource
    """Component that owns the children."""

    def metadata(
        self,
        *,
        named: bool = True,
        suffix: str = "",
        annotations: dict[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> ObjectMetaArgs:
        """Return metadata for an object in the namespace, with ``labels`` added to the common ones.

        A named object keeps a stable name, because DNS names and runbooks refer to it. Pulumi names the objects whose
        content is immutable, so that it creates the new object before it deletes the old one.
        """
        name = f"{self.name}-{suffix}" if suffix else self.name
        return ObjectMetaArgs(
            name=name if named else None,
            namespace=self.namespace,
            labels={**self.labels, **(labels or {})},
            annotations=annotations,
        )

    def options(self, depends_on: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """Return the options of a child of the component that depends on ``depends_on``."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(depends_on), **more)

    def replaceable_options(self, depends_on: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """Return the options of a child that a change of settings replaces or deletes by design.

        The child is not protected, because ``protect`` would make Pulumi reject that change.
        """
        return self.options(depends_on, protect=False, **more)
