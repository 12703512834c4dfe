"""The embedded cluster as a resource of this package: a program in another language has no Python to create it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.embedded_cluster import properties
from ops.provider import install_source, tokens


class PluginCluster(pulumi.CustomResource):
    """An embedded cluster that the plugin creates and deletes, as ``components.embedded_cluster`` does in Python."""

    kubeconfig: pulumi.Output[str]
    """Full access to the cluster, as a secret."""
    instance: pulumi.Output[str]
    """Identifies the cluster: another value whenever it is recreated."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        own = pulumi.ResourceOptions.merge(
            install_source.options(Path(__file__).absolute().parent.parent.parent),
            pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"]),
        )
        super().__init__(tokens.EMBEDDED, name, properties(inputs), pulumi.ResourceOptions.merge(opts, own))
