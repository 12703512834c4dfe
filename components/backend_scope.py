"""What every part of one backend shares: its settings, its labels, its place under the component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .connection import Connection
from .namespace_scope import Space
from .settings import BackendSettings, labels


@dataclass(frozen=True)
class Scope:
    """Handed to each part. ``prefix`` starts the logical name of every child, which is a contract: renaming replaces."""

    prefix: str
    settings: BackendSettings
    parent: pulumi.Resource
    connection: Connection | None = None

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select the pods."""
        return labels.selector(self.settings)

    @property
    def taken_over(self) -> bool:
        """Whether the first pods were not ours, and know nothing of what ours have."""
        return bool(self.settings.selector)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of every object."""
        return labels.every(self.settings)

    @property
    def pod_labels(self) -> dict[str, str]:
        """The labels of every pod."""
        return labels.pods(self.settings)

    @property
    def space(self) -> Space:
        """The backend's namespace, where it is its own."""
        return Space(self.prefix, self.settings.name, self.settings.namespace_name, self.labels, self.parent)

    def meta(self, **more: Any) -> ObjectMetaArgs:
        """Metadata in the backend's namespace, as in ``Space``."""
        return self.space.meta(**more)

    def options(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """A child's options: under the component, after the resources named."""
        return self.space.options(after, **more)

    def replaceable(self, after: Sequence[pulumi.Resource] = (), **more: Any) -> pulumi.ResourceOptions:
        """The same for what settings replace or take away by design: protected, it would refuse them."""
        return self.space.replaceable(after, **more)
