"""What a namespace may use: enough for everything that the backends in it may become, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import LimitRangeItemArgs, LimitRangeSpecArgs, ResourceQuotaSpecArgs

from .availability import timing
from .namespace_scope import Space
from .settings import BackendSettings
from .settings.pod import Amounts
from .settings.quantity import amount


def resource_quota(
    space: Space, namespace: kubernetes.core.v1.Namespace, backends: Sequence[BackendSettings]
) -> kubernetes.core.v1.ResourceQuota:
    """How many pods there may be: so many that neither a scale-out nor a rollout, nor its way back, is refused.

    Pods only. A bound on CPU or memory would be lowered with the size of a pod while the larger ones of the old release still
    run, and would then refuse every new one.
    """
    return kubernetes.core.v1.ResourceQuota(
        f"{space.prefix}-quota",
        metadata=space.meta(),
        spec=ResourceQuotaSpecArgs(hard={"pods": str(sum(map(timing.most_pods, backends)))}),
        opts=space.options([namespace]),
    )


def limit_range(
    space: Space, namespace: kubernetes.core.v1.Namespace, backends: Sequence[BackendSettings]
) -> kubernetes.core.v1.LimitRange:
    """What a container gets that says nothing itself, such as a tool somebody starts beside a backend: as much as the largest.

    Without it such a container could take whatever its node has, from the backends' pods as well.
    """
    requests, limits = ([getattr(each.resources, part) for each in backends] for part in ("requests", "limits"))
    ephemeral = max(map(timing.ephemeral_storage, backends), key=amount)

    def most(parts: list[Amounts], key: str) -> str:
        return max((str(getattr(part, key)) for part in parts), key=amount)

    return kubernetes.core.v1.LimitRange(
        f"{space.prefix}-limits",
        metadata=space.meta(),
        spec=LimitRangeSpecArgs(
            limits=[
                LimitRangeItemArgs(
                    type="Container",
                    default_request={
                        "cpu": most(requests, "cpu"),
                        "memory": most(requests, "memory"),
                        "ephemeral-storage": ephemeral,
                    },
                    default={
                        "cpu": most(limits, "cpu"),
                        "memory": most(limits, "memory"),
                        "ephemeral-storage": ephemeral,
                    },
                )
            ]
        ),
        opts=space.options([namespace]),
    )
