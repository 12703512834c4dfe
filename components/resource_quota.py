"""The ResourceQuota and the LimitRange of a namespace: enough for its backends at their largest, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import LimitRangeItemArgs, LimitRangeSpecArgs, ResourceQuotaSpecArgs

from .availability import timing
from .namespace_scope import NamespaceScope
from .settings import BackendSettings
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
    storage = [timing.ephemeral_storage(each) for each in backends]

    def largest(part: str) -> dict[str, str]:
        amounts = [getattr(each.resources, part) for each in backends]
        each = {key: [getattr(one, key) for one in amounts] for key in ("cpu", "memory")}
        # A default limit would apply to a backend that has none.
        found = {key: str(max(values, key=amount)) for key, values in each.items() if None not in values}
        limited = [each for each in storage if each is not None]
        return {**found, **({"ephemeral-storage": max(limited, key=amount)} if limited == storage else {})}

    return kubernetes.core.v1.LimitRange(
        f"{scope.prefix}-limits",
        metadata=scope.metadata(),
        spec=LimitRangeSpecArgs(
            limits=[
                LimitRangeItemArgs(
                    type="Container",
                    default_request=largest("requests"),
                    default=largest("limits"),
                )
            ]
        ),
        opts=scope.options([namespace]),
    )
