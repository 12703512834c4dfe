"""What the namespace may use: enough for everything the backend may become, and no more."""

from __future__ import annotations

import math
from decimal import Decimal

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import LimitRangeItemArgs, LimitRangeSpecArgs, ResourceQuotaSpecArgs

from availability import timing
from components.scope import Scope
from settings.quantity import amount


def resource_quota(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.ResourceQuota:
    """Room for the largest number of pods in the middle of a rollout, the old ones still draining.

    Sized so that neither a scale-out nor a rollout can ever be refused by it.
    """
    backend, pods = scope.settings, timing.most_pods(scope.settings)
    requests, limits = backend.resources.requests, backend.resources.limits
    ephemeral = timing.ephemeral_bytes(backend)
    return kubernetes.core.v1.ResourceQuota(
        f"{scope.prefix}-quota", metadata=scope.meta(),
        spec=ResourceQuotaSpecArgs(hard={
            "pods": str(pods),
            "requests.cpu": _cores(requests.cpu, pods), "limits.cpu": _cores(limits.cpu, pods),
            "requests.memory": _bytes(amount(requests.memory), pods), "limits.memory": _bytes(amount(limits.memory), pods),
            "requests.ephemeral-storage": _bytes(ephemeral, pods), "limits.ephemeral-storage": _bytes(ephemeral, pods)}),
        opts=scope.options([namespace]))


def limit_range(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.LimitRange:
    """What a container gets that says nothing itself, such as a tool somebody starts beside the backend.

    Without it the quota would refuse such a container: a quota wants every amount to be said.
    """
    requests, limits = scope.settings.resources.requests, scope.settings.resources.limits
    ephemeral = timing.ephemeral_storage(scope.settings)
    return kubernetes.core.v1.LimitRange(
        f"{scope.prefix}-limits", metadata=scope.meta(),
        spec=LimitRangeSpecArgs(limits=[LimitRangeItemArgs(
            type="Container",
            default_request={"cpu": requests.cpu, "memory": requests.memory, "ephemeral-storage": ephemeral},
            default={"cpu": limits.cpu, "memory": limits.memory, "ephemeral-storage": ephemeral})]),
        opts=scope.options([namespace]))


def _cores(each: str, pods: int) -> str:
    """In thousandths; the API rounds up those of each container before it adds."""
    return f"{math.ceil(amount(each) * 1000) * pods}m"


def _bytes(each: Decimal, pods: int) -> str:
    return str(math.ceil(each) * pods)
