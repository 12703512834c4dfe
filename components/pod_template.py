"""Merge the pod template of a stack, written in Kubernetes' own words, into the generated pod.

The merge follows Kubernetes' strategic merge: lists merge by the key of their entries, objects key by key. Validation
has already rejected every override that would break a guarantee.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_kubernetes.core.v1 import ContainerArgs, PodSpecArgs

from .backend_scope import BackendScope
from .merge import merge as merge_fields
from .merge import without_nulls
from .settings.pod_template import reader

Fields = Mapping[str, Any]


def merge(scope: BackendScope, pod: PodSpecArgs, container: ContainerArgs, security_context: Fields) -> None:
    """Merge the overrides into the pod and into the backend's container.

    ``security_context`` holds the defaults for every other container.
    """
    overrides = dict(reader.pod_spec(scope.settings.pod_template))
    overrides.pop("containers", None)  # the only entry is the backend's own container
    _, own = reader.own_container(scope.settings.pod_template)
    # A probe takes the place of the generated one: two actions in one probe would be invalid.
    elsewhere = ("name", "startupProbe", "readinessProbe", "livenessProbe")
    merge_fields(container, {key: value for key, value in own.items() if key not in elsewhere})
    if "initContainers" in overrides:
        overrides["initContainers"] = [_secured(one, security_context) for one in overrides["initContainers"]]
    if "topologySpreadConstraints" in overrides:
        overrides["topologySpreadConstraints"] = [
            _with_selector(scope, constraint) for constraint in overrides["topologySpreadConstraints"]
        ]
    merge_fields(pod, overrides)


def _secured(container: Fields, security_context: Fields) -> Fields:
    """Add what Pod Security requires of every container and this one does not state."""
    return {
        "imagePullPolicy": "IfNotPresent",
        **container,
        "securityContext": without_nulls({**security_context, **(container.get("securityContext") or {})}),
    }


def _with_selector(scope: BackendScope, constraint: Fields) -> Fields:
    """Make a constraint over other domains count the pods of one release, as the generated ones do."""
    return {
        "labelSelector": {"matchLabels": scope.selector},
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
        **constraint,
    }
