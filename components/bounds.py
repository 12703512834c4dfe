"""What the namespace may use: enough for everything the backend may become, and no more."""

from __future__ import annotations

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import LimitRangeItemArgs, LimitRangeSpecArgs, ResourceQuotaSpecArgs

from availability import timing
from components.scope import Scope


def resource_quota(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.ResourceQuota:
    """How many pods there may be: so many that neither a scale-out nor a rollout, nor its way back, is refused.

    Pods only. A bound on CPU or memory would be lowered with the size of a pod while the larger ones of the old release still
    run, and would then refuse every new one.
    """
    return kubernetes.core.v1.ResourceQuota(
        f"{scope.prefix}-quota", metadata=scope.meta(),
        spec=ResourceQuotaSpecArgs(hard={"pods": str(timing.most_pods(scope.settings))}), opts=scope.options([namespace]))


def limit_range(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.LimitRange:
    """What a container gets that says nothing itself, such as a tool somebody starts beside the backend.

    Without it such a container could take whatever its node has, from the backend's pods as well.
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
