"""Shared context for the resources of one backend: its settings, its labels and its parent component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .connection import Connection
from .namespace_scope import NamespaceScope
from .settings import BackendSettings, labels


@dataclass(frozen=True)
class BackendScope:
    """Settings, labels and resource options for everything that belongs to one backend."""

    prefix: str
    """Start of each child's logical name.
    Logical names are a contract: if one changes, Pulumi replaces the resource."""
    settings: BackendSettings
    """The validated settings."""
    parent: pulumi.Resource
    """Component that owns the children."""
    connection: Connection | None = None
    """Access to the API server for verification and hooks; None in a preview, which verifies nothing."""

    @property
    def selector(self) -> dict[str, str]:
        """Labels that select the backend's pods."""
        return labels.selector(self.settings)

    @property
    def adopted(self) -> bool:
        """Whether the backend ran before this program managed it. Its first pods then lack this program's fields."""
        return bool(self.settings.selector)

    @property
    def labels(self) -> dict[str, str]:
        """Labels of every object."""
        return labels.object_labels(self.settings)

    @property
    def pod_labels(self) -> dict[str, str]:
        """Labels of every pod."""
        return labels.pod_labels(self.settings)

    @property
    def namespace_scope(self) -> NamespaceScope:
        """Scope for a namespace that the backend does not share."""
        return NamespaceScope(self.prefix, self.settings.name, self.settings.namespace_name, self.labels, self.parent)

    def metadata(self, **more: Any) -> ObjectMetaArgs:
        """Return metadata for an object in the backend's namespace. See ``NamespaceScope.metadata``."""
        return self.namespace_scope.metadata(**more)

    def options(self, depends_on: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """Return the options of a child of the component that depends on ``depends_on``."""
        return self.namespace_scope.options(depends_on, **more)

    def replaceable_options(self, depends_on: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """Return the options of a child that a change of settings replaces or deletes by design."""
        return self.namespace_scope.replaceable_options(depends_on, **more)
