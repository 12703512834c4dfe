"""The PodDisruptionBudget: how many pods may be evicted at the same time."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudgetSpecArgs

from .backend_scope import BackendScope
from .settings import BackendSettings


def disruption_budget(
    scope: BackendScope, deployment: kubernetes.apps.v1.Deployment
) -> kubernetes.policy.v1.PodDisruptionBudget:
    """Register the PodDisruptionBudget.

    Pulumi waits until it allows a disruption, because a budget that allows none blocks every node upgrade.
    """
    return kubernetes.policy.v1.PodDisruptionBudget(
        f"{scope.prefix}-disruption-budget",
        metadata=scope.metadata(annotations={"pulumi.com/waitFor": "condition=DisruptionAllowed"}),
        spec=PodDisruptionBudgetSpecArgs(
            max_unavailable=_max_unavailable(scope.settings),
            unhealthy_pod_eviction_policy="AlwaysAllow",  # a pod that serves nothing must not block a drain
            selector=LabelSelectorArgs(match_labels=scope.selector),
        ),
        opts=scope.options([deployment], custom_timeouts=pulumi.CustomTimeouts(create="3m", update="3m")),
    )


def _max_unavailable(backend: BackendSettings) -> int | str:
    # maxUnavailable follows the replica count. minAvailable would block drains while the autoscaler is at its minimum.
    return backend.disruption_budget.max_unavailable
