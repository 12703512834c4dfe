"""The embedded cluster as a resource of this package's own: a program in another language has no Python to make it with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi

from components.embedded_cluster import properties
from ops.provider import install_source, tokens


class ServedCluster(pulumi.CustomResource):
    """The same as ``components.EmbeddedCluster``; the plugin carries out its verbs: ``package.verbs``."""

    kubeconfig: pulumi.Output[str]
    """Full access to it, as a secret."""
    instance: pulumi.Output[str]
    """Its identity: another one whenever the cluster is made anew."""

    def __init__(self, name: str, *, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        ours = pulumi.ResourceOptions.merge(
            install_source.options(Path(__file__).absolute().parent.parent.parent),
            pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"]),
        )
        super().__init__(tokens.EMBEDDED, name, properties(**inputs), pulumi.ResourceOptions.merge(opts, ours))
