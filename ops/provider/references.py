"""Resources of this package as inputs: a backend refers to the cluster that it runs on."""

from __future__ import annotations

import pulumi
from pulumi.resource import DependencyResource
from pulumi.runtime.rpc import ResourceModule, register_resource_module

from ops.provider.tokens import PACKAGE


class _ByUrn(ResourceModule):
    """Resolves each reference by its URN. Some languages send an id for components, too, which is empty."""

    def version(self) -> None:
        """Accept any version."""

    def construct(self, name: str, typ: str, urn: str) -> pulumi.Resource:
        """Return a resource that only has the URN."""
        return DependencyResource(urn)


def register() -> None:
    """Register the package's references with the SDK, once per process."""
    register_resource_module(PACKAGE, "index", _ByUrn())
