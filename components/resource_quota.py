"""The ResourceQuota and the LimitRange of a namespace: enough for its backends at their largest, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import LimitRangeItemArgs, LimitRangeSpecArgs, ResourceQuotaSpecArgs

from .availability import timing
from .namespace_scope import NamespaceScope
from .settings import BackendSettings
from .settings.pod import Amounts
from .settings.quantity import amount


def resource_quota(
    scope: NamespaceScope, namespace: kubernetes.core.v1.Namespace, backends: Sequence[BackendSettings]
) -> kubernetes.core.v1.ResourceQuota:
    """Register a ResourceQuota with capacity for a scale-out, a rollout and its rollback at the same time.

    It bounds the number of pods only. A bound on CPU or memory would shrink with the pods' size while the larger pods
    of the old release still run, and would then reject every new pod.
    """
    return kubernetes.core.v1.ResourceQuota(
        f"{scope.prefix}-quota",
        metadata=scope.metadata(),
        spec=ResourceQuotaSpecArgs(hard={"pods": str(_max_pods(backends))}),
        opts=scope.options([namespace]),
    )


def _max_pods(backends: Sequence[BackendSettings]) -> int:
    return sum(map(timing.max_pods, backends))


def limit_range(
    scope: NamespaceScope, namespace: kubernetes.core.v1.Namespace, backends: Sequence[BackendSettings]
) -> kubernetes.core.v1.LimitRange:
    """Register the defaults for a container that states no resources: those of the largest backend.

    Such a container is, for example, a debugging tool. Without a limit it could use all of its node, at the expense of
    the backends' pods.
    """
    requests, limits = ([getattr(each.resources, part) for each in backends] for part in ("requests", "limits"))
    ephemeral = max(map(timing.ephemeral_storage, backends), key=amount)

    def largest(parts: list[Amounts], key: str) -> str:
        return max((str(getattr(part, key)) for part in parts), key=amount)

    return kubernetes.core.v1.LimitRange(
        f"{scope.prefix}-limits",
        metadata=scope.metadata(),
        spec=LimitRangeSpecArgs(
            limits=[
                LimitRangeItemArgs(
                    type="Container",
                    default_request={
                        "cpu": largest(requests, "cpu"),
                        "memory": largest(requests, "memory"),
                        "ephemeral-storage": ephemeral,
                    },
                    default={
                        "cpu": largest(limits, "cpu"),
                        "memory": largest(limits, "memory"),
                        "ephemeral-storage": ephemeral,
                    },
                )
            ]
        ),
        opts=scope.options([namespace]),
    )
