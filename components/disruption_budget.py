"""The PodDisruptionBudget: how many pods a drain may take at a time."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudgetSpecArgs

from .backend_scope import Scope


def disruption_budget(
    scope: Scope, deployment: kubernetes.apps.v1.Deployment
) -> kubernetes.policy.v1.PodDisruptionBudget:
    """One pod at a time. The engine waits until it allows a disruption: one that allows none blocks every node upgrade."""
    return kubernetes.policy.v1.PodDisruptionBudget(
        f"{scope.prefix}-disruption-budget",
        metadata=scope.meta(annotations={"pulumi.com/waitFor": "condition=DisruptionAllowed"}),
        spec=PodDisruptionBudgetSpecArgs(
            # A number that may go follows the scale; one that must stay would block drains when the autoscaler is low.
            max_unavailable=scope.settings.disruption_budget.max_unavailable,
            unhealthy_pod_eviction_policy="AlwaysAllow",  # pods that serve nothing must not hold up a drain
            selector=LabelSelectorArgs(match_labels=scope.selector),
        ),
        opts=scope.options([deployment], custom_timeouts=pulumi.CustomTimeouts(create="3m", update="3m")),
    )
