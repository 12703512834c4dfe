"""Where pods may run, as far as it is said in Kubernetes' own words: neither the spread nor the way back may suffer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..conflict import Conflict
from ..well_known import ZONE_LABEL
from . import reader

if TYPE_CHECKING:
    from ..backend import BackendSettings

HOST, ARCHITECTURE = "kubernetes.io/hostname", "kubernetes.io/arch"
_NOT_READY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
# Annotations by which those who renew nodes leave a pod, and so its node, alone; any other value than these is one.
_STAYING = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
    "karpenter.sh/do-not-disrupt": "false",
    "karpenter.sh/do-not-evict": "false",
}


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """What would keep pods where they cannot be, or away from where they must go."""
    pod = reader.pod(backend.pod_template)
    for number, toleration in enumerate(pod.get("tolerations") or ()):
        yield from _toleration(f"podTemplate.spec.tolerations[{number}]", toleration)
    for number, spread in enumerate(pod.get("topologySpreadConstraints") or ()):
        yield from _spread(f"podTemplate.spec.topologySpreadConstraints[{number}]", spread)
    affinity = pod.get("affinity") or {}
    for kind, why in (
        ("podAffinity", "ties pods to where others are, and all of them are lost with it"),
        (
            "podAntiAffinity",
            "leaves pods pending where no other place is left, in a release or after a loss; for "
            "the backend's own pods set placement.spread",
        ),
    ):
        if _REQUIRED in (affinity.get(kind) or {}):
            yield Conflict(
                f"podTemplate.spec.affinity.{kind}.{_REQUIRED}",
                affinity[kind][_REQUIRED],
                f"{why}: use preferredDuringSchedulingIgnoredDuringExecution",
            )
    for key, value in reader.pod_annotations(backend.pod_template).items():
        if key in _STAYING and value != _STAYING[key]:
            yield Conflict(
                f"podTemplate.metadata.annotations.{key}",
                value,
                "would keep nodes from being renewed, and the "
                "disruption budget sees to it that drains are safe: leave it out",
            )


def _toleration(key: str, toleration: Mapping[str, Any]) -> Iterator[Conflict]:
    taint, operator = toleration.get("key", ""), toleration.get("operator", "Equal")
    if operator not in ("Equal", "Exists"):
        yield Conflict(f"{key}.operator", operator, "is not known; right would be Equal or Exists")
    elif not taint:
        yield Conflict(
            key,
            dict(toleration),
            "tolerates every taint, so that pods stay on lost nodes and come back to those "
            "that are drained: name the key of one taint",
        )
    elif taint in _NOT_READY:
        yield Conflict(f"{key}.key", taint, "has a setting of its own: set placement.tolerationSeconds")
    elif taint.startswith("node.kubernetes.io/") or taint == "node.cloudprovider.kubernetes.io/uninitialized":
        yield Conflict(
            f"{key}.key",
            taint,
            "is how Kubernetes keeps pods off nodes that cannot run them, or are drained: leave it out",
        )


def _spread(key: str, spread: Mapping[str, Any]) -> Iterator[Conflict]:
    if spread["topologyKey"] in (ZONE_LABEL, HOST):
        yield Conflict(f"{key}.topologyKey", spread["topologyKey"], "has a setting of its own: set placement.spread")
    elif spread["whenUnsatisfiable"] != "ScheduleAnyway":
        yield Conflict(
            f"{key}.whenUnsatisfiable",
            spread["whenUnsatisfiable"],
            "would leave pods pending when such a domain is lost: set it to ScheduleAnyway",
        )
    if "minDomains" in spread:
        yield Conflict(f"{key}.minDomains", spread["minDomains"], "is for DoNotSchedule only: leave it out")
