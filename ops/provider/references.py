"""Resources of this package as inputs: a backend names the cluster that it is to run on."""

from __future__ import annotations

import pulumi
from pulumi.resource import DependencyResource
from pulumi.runtime.rpc import ResourceModule, register_resource_module

from ops.provider.tokens import PACKAGE


class _ByUrn(ResourceModule):
    """Reads every reference as its URN, whichever language has made it: some give a component an id, and it is empty."""

    def version(self) -> None:
        """Any."""

    def construct(self, name: str, typ: str, urn: str) -> pulumi.Resource:
        """What stands for the resource."""
        return DependencyResource(urn)


def readable() -> None:
    """Makes the SDK read them, once a process."""
    register_resource_module(PACKAGE, "index", _ByUrn())
