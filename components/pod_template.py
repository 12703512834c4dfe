"""Puts what a stack adds to the pod, in Kubernetes' own words, into what we say of it ourselves.

Merged as by Kubernetes' strategic merge: lists by the key of their entries, groups key by key. Whatever would overwrite what
the guarantees rest on was refused before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pulumi_kubernetes.core.v1 import ContainerArgs, PodSpecArgs

from .backend_scope import Scope
from .settings.pod_template import reader

Words = Mapping[str, Any]


def add(scope: Scope, pod: PodSpecArgs, container: ContainerArgs, secure: Words) -> None:
    """Adds to the pod and to the backend's own container. ``secure`` is what every other container's security begins with."""
    added = dict(reader.pod(scope.settings.pod_template))
    added.pop("containers", None)  # there is no other than the backend's own
    _, own = reader.own(scope.settings.pod_template)
    _extend(container, {key: value for key, value in own.items() if key != "name"})
    if "initContainers" in added:
        added["initContainers"] = [_hardened(one, secure) for one in added["initContainers"]]
    if "topologySpreadConstraints" in added:
        added["topologySpreadConstraints"] = [_counted(scope, one) for one in added["topologySpreadConstraints"]]
    _extend(pod, added)


def _hardened(container: Words, secure: Words) -> Words:
    """What Pod Security wants of every container, where it does not say it itself."""
    return {
        "imagePullPolicy": "IfNotPresent",
        **container,
        "securityContext": {**secure, **(container.get("securityContext") or {})},
    }


def _counted(scope: Scope, spread: Words) -> Words:
    """A spread over other domains counts the pods of one release, as our own do."""
    return {
        "labelSelector": {"matchLabels": scope.selector},
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
        **spread,
    }


def _extend(ours: Any, more: Words) -> None:
    """Adds to arguments of ours: lists grow, groups are merged, what was not said is set."""
    for key, value in more.items():
        name = _name(key)
        before = getattr(ours, name)
        if before is None:
            setattr(ours, name, value)
        elif isinstance(before, list):
            setattr(ours, name, [*before, *value])
        elif isinstance(before, Mapping):
            setattr(ours, name, {**before, **value})
        elif isinstance(value, Mapping):
            _extend(before, value)
        else:
            setattr(ours, name, value)


def _name(key: str) -> str:
    """Of an argument, e.g. host_aliases."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
