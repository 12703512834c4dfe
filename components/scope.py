"""What every part of one backend shares: its settings, its labels, its place under the component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.connection import Connection
from settings import BackendSettings
from settings.names import COMPONENT_LABEL, MANAGER, MANAGER_LABEL, NAME_LABEL


@dataclass(frozen=True)
class Scope:
    """Handed to each part. ``prefix`` starts the logical name of every child, which is a contract: renaming replaces."""

    prefix: str
    settings: BackendSettings
    parent: pulumi.Resource
    connection: Connection | None = None

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select the pods: one, and constant, because a changed selector replaces the Deployment.

        A Deployment that was taken over keeps the selector that it was made with.
        """
        return self.settings.selector or {NAME_LABEL: self.settings.name}

    @property
    def taken_over(self) -> bool:
        """Whether the first pods were not ours, and know nothing of what ours have."""
        return bool(self.settings.selector)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of every object; our own win over the user's."""
        return {**self.settings.labels, **self.selector, NAME_LABEL: self.settings.name, COMPONENT_LABEL: "backend",
                MANAGER_LABEL: MANAGER}

    @property
    def pod_labels(self) -> dict[str, str]:
        """The labels of every pod; those that it is selected by win over all others."""
        return {**self.labels, **self.selector}

    def meta(self, *, named: bool = True, suffix: str = "", annotations: dict[str, str] | None = None) -> ObjectMetaArgs:
        """Metadata in the backend's namespace.

        Named objects carry the backend's own name, so that its DNS name and runbooks stay true; objects whose content
        cannot change are left to the engine's auto-naming, so that a new one exists before the old one goes.
        """
        name = f"{self.settings.name}-{suffix}" if suffix else self.settings.name
        return ObjectMetaArgs(name=name if named else None, namespace=self.settings.namespace_name,
                              labels=self.labels, annotations=annotations)

    def options(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """A child's options: under the component, after the resources named."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(after), **more)

    def replaceable(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """The same for what settings replace or take away by design: protected, it would refuse them."""
        return self.options(after, protect=False, **more)
