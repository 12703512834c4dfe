"""Further objects of the user's, which are applied with the backend and before its pods."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from .backend_scope import BackendScope
from .settings.extra_objects import is_cluster_scoped


def extra_objects(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
    """Register each object of `extraObjects`, in the backend's namespace unless it names another."""
    made: list[pulumi.Resource] = []
    for manifest in scope.settings.extra_objects:
        metadata = dict(manifest["metadata"])
        if not metadata.get("namespace"):
            metadata.pop("namespace", None)
            if not is_cluster_scoped(manifest):
                metadata["namespace"] = scope.settings.namespace_name
        version, kind = manifest["apiVersion"], manifest["kind"]
        made.append(
            pulumi.CustomResource(
                f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}",
                f"{scope.prefix}-extra-{kind.lower()}-{metadata['name']}",
                {**manifest, "metadata": metadata},
                scope.replaceable_options(depends_on),
            )
        )
    return made
