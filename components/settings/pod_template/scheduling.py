"""Rules about scheduling overrides: neither the spread of the pods nor their recovery may suffer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import overrides
from ...errors import settings as errors
from ..conflict import Conflict
from ..well_known import ZONE_LABEL
from . import reader

if TYPE_CHECKING:
    from ..backend import BackendSettings

HOST, ARCHITECTURE = "kubernetes.io/hostname", "kubernetes.io/arch"
_NOT_READY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
# Annotations by which node autoscalers leave a pod, and therefore its node, alone. Any value but this one blocks them.
_BLOCKING_UNLESS = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
    "karpenter.sh/do-not-disrupt": "false",
    "karpenter.sh/do-not-evict": "false",
}


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of the scheduling overrides. Keys are relative to the backend."""
    pod = reader.pod_spec(backend.pod_template)
    for number, toleration in enumerate(pod.get("tolerations") or ()):
        yield from _toleration(f"podTemplate.spec.tolerations[{number}]", toleration)
    for number, spread in enumerate(pod.get("topologySpreadConstraints") or ()):
        yield from _spread(f"podTemplate.spec.topologySpreadConstraints[{number}]", spread)
    affinity = pod.get("affinity") or {}
    for kind, reason in (
        ("podAffinity", "ties the pods to other pods, and one failure takes all of them"),
        (
            "podAntiAffinity",
            "leaves pods pending during a rollout or after a failure, if no other node is available; for the backend's "
            "own pods, set placement.spread",
        ),
    ):
        if _REQUIRED in (affinity.get(kind) or {}):
            yield Conflict(
                f"podTemplate.spec.affinity.{kind}.{_REQUIRED}",
                affinity[kind][_REQUIRED],
                f"{reason}: use preferredDuringSchedulingIgnoredDuringExecution",
                kind=overrides.REQUIRED_AFFINITY,
            )
    for key, value in reader.pod_annotations(backend.pod_template).items():
        if key in _BLOCKING_UNLESS and value != _BLOCKING_UNLESS[key]:
            yield Conflict(
                f"podTemplate.metadata.annotations.{key}",
                value,
                "would block node upgrades, and the PodDisruptionBudget already makes drains safe: omit it",
                kind=overrides.BLOCKS_EVICTION,
            )


def _toleration(key: str, toleration: Mapping[str, Any]) -> Iterator[Conflict]:
    taint, operator = toleration.get("key", ""), toleration.get("operator", "Equal")
    if operator not in ("Equal", "Exists"):
        yield Conflict(
            f"{key}.operator", operator, "is invalid; valid values: Equal, Exists", kind=errors.INVALID_CHOICE
        )
    elif not taint:
        yield Conflict(
            key,
            dict(toleration),
            "tolerates every taint, so pods stay on lost nodes and return to drained ones: set key to one taint",
            kind=overrides.TOLERATES_NODE_CONDITION,
        )
    elif taint in _NOT_READY:
        yield Conflict(
            f"{key}.key", taint, "has its own setting: set placement.tolerationSeconds", kind=overrides.MANAGED_FIELD
        )
    elif taint.startswith("node.kubernetes.io/") or taint == "node.cloudprovider.kubernetes.io/uninitialized":
        yield Conflict(
            f"{key}.key",
            taint,
            "keeps pods off nodes that are drained or cannot run them: omit it",
            kind=overrides.TOLERATES_NODE_CONDITION,
        )


def _spread(key: str, spread: Mapping[str, Any]) -> Iterator[Conflict]:
    if spread["topologyKey"] in (ZONE_LABEL, HOST):
        yield Conflict(
            f"{key}.topologyKey",
            spread["topologyKey"],
            "has its own setting: set placement.spread",
            kind=overrides.MANAGED_FIELD,
        )
    elif spread["whenUnsatisfiable"] != "ScheduleAnyway":
        yield Conflict(
            f"{key}.whenUnsatisfiable",
            spread["whenUnsatisfiable"],
            "would leave pods pending after the loss of such a domain: set it to ScheduleAnyway",
            kind=overrides.SPREAD_LEAVES_PODS_PENDING,
        )
    if "minDomains" in spread:
        yield Conflict(
            f"{key}.minDomains", spread["minDomains"], "applies only to DoNotSchedule: omit it", kind=errors.NO_EFFECT
        )
